using Parley.Client.Api;
using Parley.Client.Connection;
using Parley.Client.Storage;

namespace Parley.Client.Sync;

/// <summary>How far this user has read: here, and at the server.</summary>
sealed class ReadMarks(LocalStore store, Questions questions, ApiClient api, LongConnection connection)
{
    // Receipts for the peer name each message; beyond a screen or two the mark itself says enough.
    const int MaxReceipts = 100;

    public async Task MarkAsync(string conversation, CancellationToken ct)
    {
        var (_, synced, read) = store.Bounds(conversation);
        if (synced <= read) return;
        store.RaiseRead([new(conversation, synced)]);
        if (connection.State != ConnectionState.Connected) return;
        try { await ReportAsync(conversation, read, synced, ct); }
        // Told again after the next connection.
        catch (ParleyException e) when (e.IsPassing) { }
    }

    /// <summary>Takes over what other devices read, and tells what was read here while nobody listened.</summary>
    public async Task ReconcileAsync(CancellationToken ct)
    {
        try
        {
            var marks = await questions.ReadMarksAsync(ct);
            store.RaiseRead(marks);
            foreach (var (conversation, told) in marks.OrderBy(mark => mark.Key, StringComparer.Ordinal))
            {
                var read = store.Bounds(conversation).Read;
                if (read > told) await ReportAsync(conversation, told, read, ct);
            }
        }
        // Messages are level, and that is what a sync promises; the marks follow with the next connection.
        catch (ParleyException) { }
    }

    async Task ReportAsync(string conversation, long from, long to, CancellationToken ct)
    {
        var seen = store.Messages(conversation, Math.Max(from + 1, to - MaxReceipts + 1), to)
            .Where(message => message.Sequence > 0 && message.SenderId != api.UserId).Select(message => message.Sequence);
        await api.MarkReadAsync(conversation, to, seen, ct);
    }
}
