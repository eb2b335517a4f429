using Parley.Client.Connection;
using Parley.Client.Messages;
using Parley.Client.Notices;
using Parley.Client.Storage;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Client.Sync;

/// <summary>
/// Brings the local store level with the server, conversation by conversation, each sequence once and in order. Fed by three events alone: connected, pushed
/// messages, max sequences (<see cref="SyncInbox"/>). The only one that raises synced sequences. Messages are stored; notices are applied.
/// </summary>
/// <param name="numbered">Told of own messages that have got their sequence.</param>
/// <param name="afterConnect">Runs at the end of each round that a connection starts.</param>
sealed class MessageSyncer(
    LocalStore store, SyncInbox inbox, EventQueue events, Questions questions, Action<IReadOnlyList<Message>> numbered, NoticeReader notices, ReadMarks readMarks,
    Func<CancellationToken, Task> afterConnect, ParleyClientOptions options)
{
    // A server that just restarted may decline the first question: 3 attempts, the waits between them.
    static readonly TimeSpan[] WaitsForSequences = [TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4)];

    static readonly IReadOnlyDictionary<string, IReadOnlyList<MsgData>> Nothing = new Dictionary<string, IReadOnlyList<MsgData>>();

    readonly Dictionary<string, long> _synced = store.SyncedSequences();
    bool _fresh = store.IsFresh;

    public async Task RunAsync(CancellationToken ct)
    {
        while (true) await StepAsync(await inbox.TakeAsync(ct), ct);
    }

    internal async Task StepAsync(SyncWork work, CancellationToken ct)
    {
        if (work.Connected) await RoundAsync(SyncWithServerAsync, ct);
        if (work.MaxSequences is { } sequences) await CompareAsync(sequences, ct);
        foreach (var push in work.Pushes)
        {
            foreach (var (conversation, pulled) in push.Msgs) await TakePushAsync(conversation, pulled.Msgs, ct);
            foreach (var (conversation, pulled) in push.NotificationMsgs) await TakePushAsync(conversation, pulled.Msgs, ct);
        }
        if (work.Overflowed) await RoundAsync(CatchUpAsync, ct);
        await readMarks.TrySettleAsync(ct);
    }

    async Task RoundAsync(Func<CancellationToken, Task> work, CancellationToken ct)
    {
        await events.WriteAsync(new ParleyEvent.SyncBegan(), ct);
        ParleyEvent end = new ParleyEvent.SyncEnded();
        try { await work(ct); }
        catch (ParleyException e) { end = new ParleyEvent.SyncFailed(e.Code, e.Message); }
        await events.WriteAsync(end, ct);
    }

    async Task SyncWithServerAsync(CancellationToken ct)
    {
        await CatchUpAsync(ct);
        _fresh = false;
        await afterConnect(ct);
    }

    async Task CatchUpAsync(CancellationToken ct) => await FillAsync(Gaps(await AskForSequencesAsync(ct)), Nothing, ct);

    async Task<GetMaxSeqResp> AskForSequencesAsync(CancellationToken ct)
    {
        for (var attempt = 0; ; attempt++)
        {
            try { return await questions.NewestSequencesAsync(ct); }
            catch (ParleyException e) when (e.IsPassing && e.Code != ParleyException.NotConnected && attempt < WaitsForSequences.Length)
            {
                await Task.Delay(WaitsForSequences[attempt], options.TimeProvider, ct);
            }
        }
    }

    async Task CompareAsync(GetMaxSeqResp sequences, CancellationToken ct)
    {
        var gaps = Gaps(sequences);
        if (gaps.Count > 0) await RoundAsync(limit => FillAsync(gaps, Nothing, limit), ct);
    }

    List<Gap> Gaps(GetMaxSeqResp sequences)
    {
        var gaps = new List<Gap>();
        // Notices last: one applied before its message is here, and not repeated, would be lost on a copy of the message that is still on its way. Else ordered so that
        // one seed gives one run.
        foreach (var (conversation, max) in sequences.MaxSeqs.OrderBy(entry => ConversationIds.IsNotification(entry.Key)).ThenBy(entry => entry.Key, StringComparer.Ordinal))
        {
            if (sequences.MinSeqs.TryGetValue(conversation, out var first) && first > 1 && store.Marks.RaiseFirst(conversation, first)) readMarks.Uncounted(conversation);
            if (max <= Synced(conversation) || max > Gap.MaxSequence) continue;
            // Recalls and receipts of a past that this device has not seen are of no use to it.
            if (_fresh && ConversationIds.IsNotification(conversation) && !_synced.ContainsKey(conversation)) Store(conversation, [], max);
            else if (GapTo(conversation, max, first) is { Length: > 0 } gap) gaps.Add(gap);
            else Store(conversation, [], max);
        }
        return gaps;
    }

    /// <summary>What to pull so that a conversation reaches <paramref name="max"/>: all, or of a very large gap between messages the newest page.</summary>
    Gap GapTo(string conversation, long max, long first)
    {
        var gap = new Gap(conversation, Math.Max(Synced(conversation) + 1, first), max);
        return gap.Length <= options.MaxEagerGap || ConversationIds.IsNotification(conversation)
            ? gap : gap with { From = Math.Max(gap.From, max - options.PullPageLength + 1) };
    }

    async Task FillAsync(List<Gap> gaps, IReadOnlyDictionary<string, IReadOnlyList<MsgData>> have, CancellationToken ct)
    {
        var (done, total) = (0L, gaps.Sum(gap => gap.Length));
        foreach (var page in Gap.Pages(gaps, options.PullPageLength))
        {
            var found = await GapFill.FetchAsync(questions, page, have, ct);
            for (var i = 0; i < page.Count; i++)
            {
                // What is not here can't be counted here.
                if (page[i].From > Synced(page[i].Conversation) + 1 || found[i].Count < page[i].Length) readMarks.Uncounted(page[i].Conversation);
                await TakeAsync(page[i].Conversation, found[i].Values, page[i].To, ct);
            }
            done += page.Sum(gap => gap.Length);
            if (have.Count == 0) await events.WriteAsync(new ParleyEvent.SyncProcessing(done, total), ct);
        }
    }

    async Task TakePushAsync(string conversation, IEnumerable<MsgData> pushed, CancellationToken ct)
    {
        foreach (var passing in pushed.Where(message => message.Seq <= 0)) await HandOverAsync(conversation, passing, ct);

        // From here on there may be messages that notices speak of.
        _fresh = false;
        var synced = Synced(conversation);
        var fresh = pushed.Where(message => message.Seq > synced && message.Seq <= Gap.MaxSequence).DistinctBy(message => message.Seq).OrderBy(message => message.Seq).ToList();
        if (fresh.Count == 0) return;
        if (fresh[^1].Seq == synced + fresh.Count)
        {
            await TakeAsync(conversation, fresh, fresh[^1].Seq, ct);
            return;
        }
        try
        {
            await FillAsync([GapTo(conversation, fresh[^1].Seq, 0)], new Dictionary<string, IReadOnlyList<MsgData>> { [conversation] = fresh }, ct);
        }
        // The synced sequence has not moved past the hole: the next push, question or connection finds it again.
        catch (ParleyException) { }
    }

    async Task HandOverAsync(string conversation, MsgData passing, CancellationToken ct)
    {
        if (ConversationIds.IsNotification(conversation))
        {
            await notices.TakeAsync(conversation, [passing], 0, ct);
            return;
        }
        var message = StoredMessage.From(conversation, passing, MessageState.Sent);
        // Of no use later, so it must not hold up what is.
        if (message.ContentType == ContentTypes.Typing) events.Tell(new ParleyEvent.Typing(conversation, message.SenderId, ContentJson.Text(message.Content, "msgTips") == "yes"));
        else await events.WriteAsync(new ParleyEvent.MessagesReceived(conversation, [message]), ct);
    }

    async Task TakeAsync(string conversation, IEnumerable<MsgData> messages, long syncedTo, CancellationToken ct)
    {
        if (ConversationIds.IsNotification(conversation))
        {
            _synced[conversation] = syncedTo;
            await notices.TakeAsync(conversation, messages, syncedTo, ct);
            return;
        }
        var taken = Store(conversation, messages, syncedTo);
        if (taken.Numbered.Count > 0) numbered(taken.Numbered);
        if (taken.Added.Count > 0) await events.WriteAsync(new ParleyEvent.MessagesReceived(conversation, taken.Added), ct);
    }

    Taken Store(string conversation, IEnumerable<MsgData> messages, long syncedTo)
    {
        var taken = store.Take(conversation, messages, syncedTo);
        _synced[conversation] = syncedTo;
        return taken;
    }

    long Synced(string conversation) => _synced.GetValueOrDefault(conversation);
}
