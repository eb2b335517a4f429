using System.Text.Json.Nodes;
using Parley.Client.Api;
using Parley.Client.Connection;
using Parley.Client.Storage;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Client.Sync;

/// <summary>
/// How far this user has read, here and at the server, and what is unread. The server's count is exact at the sequence it was taken; what comes behind is counted here.
/// Whatever touches messages within its range (a recall, a deletion, reading on another device) has it asked for again.
/// </summary>
sealed class ReadMarks(LocalStore store, Questions questions, ApiClient api, Func<bool> isConnected)
{
    // Receipts for the peer name each message; beyond a screen or two the mark itself says enough.
    const int MaxReceipts = 100;

    // Servers decline longer lists; of so many, all may as well be asked for.
    const int MaxCounted = 100;

    readonly Signal _turn = new(isSet: true);
    readonly Lock _lock = new();
    readonly HashSet<string> _uncounted = new(StringComparer.Ordinal);

    public async Task MarkAsync(string conversation, CancellationToken ct)
    {
        var marks = store.Marks.Of(conversation);
        if (!store.Marks.RaiseRead(conversation, marks.Synced)) return;
        if (!isConnected()) return;
        try
        {
            await ReportAsync(conversation, marks.Reported, marks.Synced, ct);
            await SettleAsync(ct);
        }
        // Told again after the next connection.
        catch (ParleyException e) when (e.IsPassing) { }
    }

    /// <summary>Takes over the server's counts, and tells what was read here while nobody listened.</summary>
    public async Task ReconcileAsync(CancellationToken ct)
    {
        try
        {
            var counts = await InTurnAsync(() => CountAsync([], ct), ct);
            var unreported = store.Marks.Unreported().Union(counts.Keys.Where(one => store.Marks.Of(one).Read > counts[one].HasReadSeq));
            foreach (var conversation in unreported.Where(counts.ContainsKey).Order(StringComparer.Ordinal))
            {
                var marks = store.Marks.Of(conversation);
                await ReportAsync(conversation, Math.Min(marks.Reported, counts[conversation].HasReadSeq), marks.Read, ct);
            }
            await SettleAsync(ct);
        }
        // Messages are level, and that is what a sync promises; the marks follow with the next connection.
        catch (ParleyException) { }
    }

    /// <summary>Notes that something happened to these messages which may change what is unread.</summary>
    public void Touched(string conversation, IEnumerable<long> sequences)
    {
        var marks = store.Marks.Of(conversation);
        if (sequences.Any(one => one > marks.Read && one <= marks.CountedTo)) Uncounted(conversation);
    }

    /// <summary>Notes that the server's count is out of date.</summary>
    public void Uncounted(string conversation)
    {
        lock (_lock) _uncounted.Add(conversation);
    }

    /// <summary>As <see cref="Touched"/>, and asks for the count if need be. Never fails: what could not be asked is asked with the next sync.</summary>
    public async Task TouchedAsync(string conversation, IReadOnlyList<long> sequences, CancellationToken ct)
    {
        Touched(conversation, sequences);
        await TrySettleAsync(ct);
    }

    public async Task TrySettleAsync(CancellationToken ct)
    {
        try { await SettleAsync(ct); }
        catch (ParleyException) { }
    }

    /// <summary>Asks for the counts that are out of date.</summary>
    Task<bool> SettleAsync(CancellationToken ct) => InTurnAsync(async () =>
    {
        string[] conversations;
        lock (_lock)
        {
            conversations = [.. _uncounted];
            _uncounted.Clear();
        }
        if (conversations.Length == 0) return true;
        try { await CountAsync(conversations, ct); }
        catch
        {
            lock (_lock) _uncounted.UnionWith(conversations);
            throw;
        }
        return true;
    }, ct);

    async Task<IReadOnlyDictionary<string, Seqs>> CountAsync(string[] conversations, CancellationToken ct)
    {
        var before = store.Operations.Count;
        var counts = await questions.CountsAsync(conversations.Length <= MaxCounted ? conversations : [], ct);
        store.Marks.Count(counts.Where(one => one.Value.MaxSeq <= Gap.MaxSequence)
            .Select(one => (one.Key, one.Value.MaxSeq, Math.Max(0, one.Value.MaxSeq - one.Value.HasReadSeq))));
        // The answer may have been on its way when something was applied here: it doesn't know of that.
        foreach (var conversation in counts.Keys.Where(one => store.Operations.TouchedSince(one, before))) Uncounted(conversation);
        return counts;
    }

    async Task ReportAsync(string conversation, long from, long to, CancellationToken ct)
    {
        var seen = store.Messages(conversation, Math.Max(from + 1, to - MaxReceipts + 1), to)
            .Where(message => message.Sequence > 0 && message.SenderId != api.UserId).Select(message => message.Sequence);
        await api.TellAsync("/msg/mark_conversation_as_read", new JsonObject
        {
            ["conversationID"] = conversation,
            ["userID"] = api.UserId,
            ["hasReadSeq"] = to,
            ["seqs"] = JsonFields.Array(seen),
        }, ct);
        store.Marks.RaiseReported(conversation, to);
        store.Operations.Touch(conversation);
        if (store.Marks.Of(conversation).CountedTo > to) Uncounted(conversation);
    }

    // One answer at a time, or an older one could come to stand over a newer.
    async Task<T> InTurnAsync<T>(Func<Task<T>> work, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try { return await work(); }
        finally { _turn.Set(); }
    }
}
