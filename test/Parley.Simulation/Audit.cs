using System.Text;
using Parley.Core;
using Parley.Core.Conversations;
using Parley.Core.Records;
using Parley.Core.Tokens;
using Parley.Core.Users;
using Parley.Store;
using Parley.Store.Feeds;

namespace Parley.Simulation;

/// <summary>Reads everything that is committed, in every way there is, and holds it against the model. What it read counts as shown from then on.</summary>
sealed class Audit(Log log, Model model, CoreOptions options, Random random)
{
    readonly State _state = new(options.Dedupe);
    readonly Dictionary<FeedKey, List<(long Position, long Time)>> _feeds = [];
    readonly Dictionary<SendName, ShownMessage> _messages = [];
    readonly Dictionary<MarkName, long> _sent = [];
    long _time;

    /// <returns>The state folded anew from the log.</returns>
    public State Run()
    {
        var position = 0L;
        while (log.ReadFrom(position + 1, 1 + random.Next(200), 1 + random.Next(1 << 16)) is { Count: > 0 } page)
        {
            foreach (var record in page)
            {
                model.Check(record.Position == ++position, 2, () => $"position {record.Position} comes where {position} should");
                Read(record);
            }
        }

        model.Check(position == log.CommittedPosition && _time == log.LastTime, 2,
            () => $"the log ends at {position}, {_time} µs and says {log.CommittedPosition}, {log.LastTime} µs");
        model.Check(position >= model.Records.Count, 4, () => $"the log ends at {position}; {model.Records.Count} was read before");
        foreach (var (feed, entries) in _feeds) CheckFeed(feed, entries);
        CheckMessages();
        CheckUsers();
        CheckTokens();
        CheckMarks();
        foreach (var session in model.Sessions) CheckSession(session);
        model.Sessions.RemoveAll(session => session.IsCutOff || session.ClosedAt is not null);
        return _state;
    }

    void Read(LogRecord record)
    {
        model.Check(record.Time > _time, 2, () => $"record {record.Position} has time {record.Time} after {_time}");
        _time = record.Time;
        foreach (var filing in record.Filings)
        {
            var key = new FeedKey(record.App, filing.Feed);
            if (!_feeds.TryGetValue(key, out var entries)) _feeds[key] = entries = [];
            entries.Add((record.Position, record.Time));
            model.Check(filing.Sequence == entries.Count, 2, () => $"record {record.Position} has sequence {filing.Sequence} in {key} and is number {entries.Count}");
        }

        var hash = HashOf(record);
        if (record.Position > model.Records.Count) model.Records.Add(hash);
        else model.Check(model.Records[(int)record.Position - 1] == hash, 4, () => $"record {record.Position} is not what it was when it was read before");

        if (Core.Records.Record.Read(record.Type, record.Body) is MessageSent sent) ReadMessage(record, sent);
        _state.Apply(record);
        if (model.Digests.ContainsKey(record.Position)) model.ShowDigest(record.Position, StateDigest.Of(_state));
    }

    void ReadMessage(LogRecord record, MessageSent sent)
    {
        var users = _state.App(record.App).Users;
        var conversation = new ConversationKey(record.Filings[0].Feed);
        var (sender, receiver) = (sent.Message.Sender, conversation.PeerOf(sent.Message.Sender));
        FeedId[] due = sender == receiver ? [conversation.Feed, FeedIds.Inbox(sender)] : [conversation.Feed, FeedIds.Inbox(sender), FeedIds.Inbox(receiver)];
        model.Check(conversation.Includes(sender) && record.Filings.Select(filing => filing.Feed).SequenceEqual(due), 1,
            () => $"message {record.Position} is not filed in its conversation and both inboxes");

        var user = new UserName(record.App, users.IdOf(sender));
        var name = new SendName(user, users.IdOf(receiver), sent.Message.ClientId);
        var message = new ShownMessage(name, Encoding.UTF8.GetString(sent.Message.Body.Span), record.Position, record.Filings[0].Sequence, record.Time);
        model.Check(_messages.TryAdd(name, message), 3, () => $"{name} was recorded as {_messages[name]} and as {message}");
        _sent[new MarkName(user, name.ReceiverId, MarkKind.Read)] = message.Sequence;
        model.Show(message);
    }

    void CheckFeed(FeedKey feed, List<(long Position, long Time)> entries)
    {
        var head = log.Head(feed);
        model.Check(head == new FeedHead(1, entries.Count, entries[^1].Position), 2, () => $"{feed} has head {head} and {entries.Count} records up to {entries[^1].Position}");
        var from = 1 + random.Next(entries.Count);
        var to = from + random.Next(entries.Count);
        Compare(log.ReadFeed(feed, from, to, int.MaxValue, int.MaxValue), from, Math.Min(to, entries.Count));
        var count = 1 + random.Next(entries.Count);
        Compare(log.ReadLast(feed, count, int.MaxValue), entries.Count - count + 1, entries.Count);

        void Compare(IReadOnlyList<LogRecord> records, int first, int last)
        {
            model.Check(records.Select(r => r.Position).SequenceEqual(entries[(first - 1)..last].Select(e => e.Position)), 2,
                () => $"{feed} {first}..{last} reads {string.Join(' ', records.Select(r => r.Position))}");
            foreach (var record in records)
                model.Check(model.Records[(int)record.Position - 1] == HashOf(record), 4, () => $"record {record.Position} reads differently by {feed}");
        }
    }

    void CheckMessages()
    {
        foreach (var shown in model.Shown.Values)
            model.Check(_messages.GetValueOrDefault(shown.Name) == shown, 1, () => $"{shown} was shown and is {_messages.GetValueOrDefault(shown.Name)?.ToString() ?? "gone"}");
        foreach (var (name, facts) in model.Sends)
        {
            if (facts.Answer is null && facts.Attempts.Exists(attempt => attempt.Fate == Fate.Open))
                model.Reached.Add(_messages.ContainsKey(name) ? Tally.UnknownKept : Tally.UnknownLost);
            if (facts.Reused.Count == 0) continue;
            model.Check(_messages.TryGetValue(name, out var kept) && !facts.Reused.Contains(kept.Body), 3, () => $"{name} was refused as used and is {kept?.ToString() ?? "gone"}");
        }
    }

    void CheckUsers()
    {
        foreach (var group in model.Groups.Values.Distinct())
        {
            var users = _state.App(group.App).Users;
            var found = group.Ids.Count(id => users.TryFind(id, out _));
            model.Check(found == 0 || found == group.Ids.Length, 1, () => $"of {string.Join(' ', group.Ids)} {found} are registered");
            model.Check(found > 0 || !group.IsKept, 1, () => $"{string.Join(' ', group.Ids)} were registered and are gone");
            model.Check(found == 0 || group.Possible > 0, 1, () => $"{string.Join(' ', group.Ids)} were refused and are registered");
            if (found == 0) continue;
            foreach (var id in group.Ids)
            {
                users.TryFind(id, out var number);
                model.Check(users.Profile(number).Nickname == Group.NicknameOf(id), 1, () => $"{id} has nickname {users.Profile(number).Nickname}");
                model.ShowUser(new UserName(group.App, id), number.Value);
            }
        }
    }

    void CheckTokens()
    {
        foreach (var (key, facts) in model.Tokens)
        {
            if (!_state.App(facts.User.App).Tokens.TryFind(key, out var token))
            {
                model.Check(!facts.IsKept || model.MayBeForgotten(facts, options.MaxTokensPerPlatform), 1, () => $"a token of {facts.User} on {facts.Platform} was issued and is gone");
                continue;
            }

            model.Check(facts.Possible > 0, 1, () => $"a token of {facts.User} on {facts.Platform} was refused and is there");
            facts.IsKept = true;
            var isKicked = token.State == TokenState.Kicked;
            model.Check(isKicked || !facts.IsKicked, 1, () => $"a token of {facts.User} on {facts.Platform} was revoked and is {token.State}");
            model.Check(!isKicked || facts.MayBeKicked, 1, () => $"a token of {facts.User} on {facts.Platform} is kicked, and nobody had a reason");
            facts.IsKicked = isKicked;
        }
    }

    void CheckMarks()
    {
        foreach (var user in model.Numbers.Keys)
        {
            foreach (var peer in model.Numbers.Keys)
            {
                if (peer.App != user.App) continue;
                var app = _state.App(user.App);
                var key = ConversationKey.Peer(new UserNumber(model.Numbers[user]), new UserNumber(model.Numbers[peer]));
                if (!app.Conversations.TryView(key, new UserNumber(model.Numbers[user]), out var view)) continue;
                model.ShowView(user, peer.Id, view, model.FloorOf(user, peer.Id));
                CheckCeiling(new MarkName(user, peer.Id, MarkKind.Read), view.Read, 0);
                CheckCeiling(new MarkName(user, peer.Id, MarkKind.Minimum), view.Minimum, 1);
            }
        }
    }

    void CheckCeiling(MarkName name, long value, long unmoved)
    {
        var ceiling = Math.Max(unmoved, Math.Max(model.MarkOf(name).Ceiling, _sent.GetValueOrDefault(name)));
        model.Check(value <= ceiling, 1, () => $"{name} is {value}, and nobody moved it beyond {ceiling}");
    }

    /// <summary>A session hears of everything in its user's inbox between its opening and its end, in order.</summary>
    void CheckSession(SessionFacts session)
    {
        if (session.Delivered.Count == 0 && session.OpenedAt is null) return;
        if (!model.Numbers.TryGetValue(session.User, out var number)) return;
        var since = session.OpenedAt ?? session.Delivered[0].Time;
        var until = session.ClosedAt ?? long.MaxValue;
        var inbox = _feeds.GetValueOrDefault(new FeedKey(session.User.App, FeedIds.Inbox(new UserNumber(number)))) ?? [];
        var due = inbox.Where(e => e.Time >= since && e.Time < until).Select(e => e.Position)
            .Where(position => model.Shown[position].Name is var name && !(name.IsWithheld && name.Sender == session.User)).ToList();
        var delivered = session.Delivered.ConvertAll(message => message.Position);
        var isWhole = !session.IsCutOff && session.OpenedAt is not null;
        if (due.Count > 0) model.Reached.Add(isWhole ? Tally.WholeSession : Tally.CutSession);
        model.Check(delivered.SequenceEqual(isWhole ? due : due.Take(delivered.Count)), 6,
            () => $"a session of {session.User} was told {string.Join(' ', delivered)} of {string.Join(' ', due)}{(isWhole ? "" : " …")}");
        foreach (var (before, position) in session.Answers)
            model.Check(before >= due.Count(p => p < position), 6, () => $"a session of {session.User} got the answer {position} after {before} of {string.Join(' ', due)}");
    }

    static ulong HashOf(LogRecord record)
    {
        var hash = new Fnv();
        hash.Add(record.Position);
        hash.Add(record.Type);
        hash.Add(record.App);
        hash.Add(record.Time);
        foreach (var filing in record.Filings)
        {
            hash.Add((long)filing.Feed.Value);
            hash.Add(filing.Sequence);
        }

        hash.Add(record.Body.Span);
        return hash.Value;
    }
}
