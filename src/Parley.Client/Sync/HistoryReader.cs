using Parley.Client.Connection;
using Parley.Client.Storage;

namespace Parley.Client.Sync;

/// <summary>Reads pages of history, and fills the holes the syncer left, as far as they are looked at.</summary>
/// <param name="numbered">Told of own messages that have got their sequence.</param>
sealed class HistoryReader(LocalStore store, Questions questions, Action<IReadOnlyList<Message>> numbered)
{
    // The protocol's limit for one request by list.
    const int WindowLength = 50;
    const int MaxAttempts = 5;

    public async Task<IReadOnlyList<Message>> ReadAsync(string conversation, long? beforeSequence, int count, CancellationToken ct)
    {
        // Own messages without a sequence may stand behind the newest one.
        var to = beforeSequence is { } before ? before - 1 : long.MaxValue;
        try { await FillAsync(conversation, to, count, ct); }
        // Offline, or the server can't now: what is here is better than nothing.
        catch (ParleyException e) when (e.IsPassing) { }
        return store.Messages(conversation, store.PageStart(conversation, to, count), to);
    }

    /// <summary>Goes down window by window until a page of messages stands without a hole, or nothing older can be had.</summary>
    async Task FillAsync(string conversation, long to, int count, CancellationToken ct)
    {
        var low = Math.Min(to, store.Marks.Of(conversation).Synced) + 1;
        while (low > Math.Max(1, store.Marks.Of(conversation).First))
        {
            var start = store.PageStart(conversation, to, count);
            if (start >= low) return;
            var from = Math.Max(Math.Max(1, store.Marks.Of(conversation).First), low - WindowLength);
            var missing = store.Missing(conversation, from, low - 1);
            if (missing.Count > 0 && !await PullAsync(conversation, missing, ct)) return;
            low = from;
        }
    }

    /// <returns>False when the server had nothing of it; asking for still older ones would not end.</returns>
    async Task<bool> PullAsync(string conversation, IReadOnlyList<long> missing, CancellationToken ct)
    {
        var asked = missing.ToHashSet();
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var before = store.Operations.Count;
            var pulled = await questions.PullOldAsync(conversation, missing, ct);
            var messages = pulled.Msgs.Where(message => asked.Contains(message.Seq)).DistinctBy(message => message.Seq).OrderBy(message => message.Seq).ToList();
            var taken = store.Atomically(() => store.Operations.TouchedSince(conversation, before) ? (Taken?)null : store.Take(conversation, messages, syncedTo: 0));
            // The syncer applied a recall or the like meanwhile, which the answer may not know and found nothing to apply to.
            if (taken is not { } stored) continue;
            if (stored.Numbered.Count > 0) numbered(stored.Numbered);
            if (pulled.IsEnd && pulled.EndSeq > 0) store.Marks.RaiseFirst(conversation, pulled.EndSeq);
            return messages.Count > 0;
        }
        return false;
    }
}
