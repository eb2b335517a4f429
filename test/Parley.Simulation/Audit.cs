using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Messages;
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
    /// <summary>What the sessions of a user are to be told.</summary>
    readonly Dictionary<(long App, UserNumber User), List<(long Position, long Time)>> _heard = [];
    readonly Dictionary<long, long> _records = [];
    readonly HashSet<(long Position, long Sequence)> _notices = [];
    long _time;

    /// <param name="isFirst">Nobody has asked for anything since the server was started: what was tried before is settled now.</param>
    /// <returns>The state folded anew from the log.</returns>
    public State Run(bool isFirst)
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
        CheckDeeds(isFirst);
        foreach (var session in model.Sessions) CheckSession(session);
        model.Sessions.RemoveAll(session => session.IsCutOff || session.ClosedAt is not null);
        return _state;
    }

    void Read(LogRecord record)
    {
        _records[record.Position] = record.Time;
        model.Check(record.Time > _time, 2, () => $"record {record.Position} has time {record.Time} after {_time}");
        _time = record.Time;
        foreach (var filing in record.Filings)
        {
            var key = new FeedKey(record.App, filing.Feed);
            if (!_feeds.TryGetValue(key, out var entries)) _feeds[key] = entries = [];
            entries.Add((record.Position, record.Time));
            _notices.Add((record.Position, filing.Sequence));
            model.Check(filing.Sequence == entries.Count, 2, () => $"record {record.Position} has sequence {filing.Sequence} in {key} and is number {entries.Count}");
        }

        var hash = HashOf(record);
        if (record.Position > model.Records.Count) model.Records.Add(hash);
        else model.Check(model.Records[(int)record.Position - 1] == hash, 4, () => $"record {record.Position} is not what it was when it was read before");

        if (Core.Records.Record.Read(record.Type, record.Body) is MessageSent sent) ReadMessage(record, sent);
        _state.Apply(record);
        if (model.Digests.ContainsKey(record.Position)) model.ShowDigest(record.Position, StateDigest.Of(_state));
    }

    /// <param name="record">Not yet applied: the state is the one it was decided on.</param>
    void ReadMessage(LogRecord record, MessageSent sent)
    {
        var app = _state.App(record.App);
        var (conversation, sender) = (new ConversationKey(record.Filings[0].Feed), sent.Message.Sender);
        var present = conversation.Kind == ConversationKind.Group ? app.Members.Numbers(conversation.Group).ToArray() : [.. new[] { sender, conversation.PeerOf(sender) }.Distinct()];
        HashSet<FeedId> inboxes = conversation.Kind == ConversationKind.Group && app.Groups.View(conversation.Group).Kind == GroupKind.Super ? [] : [.. present.Select(FeedIds.Inbox)];
        if (conversation.Kind == ConversationKind.Peer && record.Filings[0].Sequence == 1) inboxes.UnionWith(present.Select(FeedIds.Conversations));
        var mentions = conversation.Kind == ConversationKind.Group ? sent.Message.Mentions : [];
        inboxes.UnionWith(present.Where(user => user != sender && (mentions.Contains(Message.Everyone) || mentions.Contains(app.Users.IdOf(user)))).Select(FeedIds.Conversations));
        var isFiled = record.Filings.Length == 1 + inboxes.Count && inboxes.SetEquals(record.Filings.Skip(1).Select(filing => filing.Feed));
        model.Check(isFiled && (conversation.Kind == ConversationKind.Group || conversation.IsPeerOf(sender)), 1,
            () => $"message {record.Position} is not filed in its conversation, the inboxes of all who are in it and the lists it is news in");
        foreach (var user in present)
        {
            if (user == sender && sent.Message.Traits.HasFlag(MessageTraits.NotToSender)) continue;
            if (!_heard.TryGetValue((record.App, user), out var heard)) _heard[(record.App, user)] = heard = [];
            heard.Add((record.Position, record.Time));
        }

        var from = new UserName(record.App, app.Users.IdOrEmpty(sender));
        var to = conversation.Kind == ConversationKind.Group ? Recipient.Group(app.Groups.IdOf(conversation.Group)) : Recipient.User(app.Users.IdOf(conversation.PeerOf(sender)));
        var message = ShownMessages.Of(sent.Message, from, to, record.Position, record.Filings[0].Sequence, record.Time);
        model.Check(_messages.TryAdd(message.Name, message), 3, () => $"{message.Name} was recorded as {_messages[message.Name]} and as {message}");
        _sent[new MarkName(from, to, MarkKind.Read)] = message.Sequence;
        model.Show(message, to: null);
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
        foreach (var registration in model.Registrations.Values.Distinct())
        {
            var users = _state.App(registration.App).Users;
            var found = registration.Ids.Count(id => users.TryFind(id, out _));
            model.Check(found == 0 || found == registration.Ids.Length, 1, () => $"of {string.Join(' ', registration.Ids)} {found} are registered");
            model.Check(found > 0 || !registration.IsKept, 1, () => $"{string.Join(' ', registration.Ids)} were registered and are gone");
            model.Check(found == 0 || registration.Possible > 0, 1, () => $"{string.Join(' ', registration.Ids)} were refused and are registered");
            if (found == 0) continue;
            foreach (var id in registration.Ids)
            {
                users.TryFind(id, out var number);
                model.Check(users.Profile(number).Nickname == Registration.NicknameOf(id), 1, () => $"{id} has nickname {users.Profile(number).Nickname}");
                model.ShowUser(new UserName(registration.App, id), number.Value);
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
        foreach (var (user, number) in model.Numbers)
        {
            foreach (var view in _state.App(user.App).Conversations.Of(new UserNumber(number)))
            {
                var to = view.Name.IsGroup ? Recipient.Group(view.Name.First) : Recipient.User(view.Name.PeerOf(user.Id));
                model.ShowView(user, to, view, model.FloorOf(user, to));
                // Coming into a group moves both marks.
                if (view.Name.IsGroup) continue;
                CheckCeiling(new MarkName(user, to, MarkKind.Read), view.Read, 0);
                CheckCeiling(new MarkName(user, to, MarkKind.Minimum), view.Minimum, 1);
            }
        }
    }

    void CheckCeiling(MarkName name, long value, long unmoved)
    {
        var ceiling = Math.Max(unmoved, Math.Max(model.MarkOf(name).Ceiling, _sent.GetValueOrDefault(name)));
        model.Check(value <= ceiling, 1, () => $"{name} is {value}, and nobody moved it beyond {ceiling}");
    }

    /// <summary>What was tried and answered is what the state holds; of what has no answer all or nothing.</summary>
    void CheckDeeds(bool isFirst)
    {
        foreach (var register in model.Registers.All)
            model.Check(register.MayHold(register.Read(_state, log), register.Floor), 1, () => $"the {register} in {register.App} is '{register.Read(_state, log)}', and only {string.Join(" or ", register.Possible(register.Floor).Select(value => $"'{value}'"))} can be");
        foreach (var deed in model.Deeds)
        {
            model.Check(deed.Position == 0 || (_records.TryGetValue(deed.Position, out var time) && time == deed.Time), 1, () => $"{deed.Command} was recorded at {deed.Position}, {deed.Time}, and is not there");
            if (!isFirst || deed.Fate != Fate.Open) continue;
            var alone = deed.Effects.FindAll(effect => effect.Register.ShowsAlone(deed, effect.Value));
            var shown = alone.Count(effect => effect.Register.Read(_state, log) == effect.Value);
            model.Check(shown == 0 || shown == alone.Count, 1, () => $"of the {alone.Count} things that {deed.Command} sets {shown} are so");
            if (alone.Count > 0) model.Reached.Add(shown > 0 ? Tally.DeedKept : Tally.DeedLost);
        }

        if (!isFirst) return;
        model.Registers.Settle(_state, log);
        model.Deeds.Clear();
    }

    /// <summary>A session hears of everything that is said to its user, and in groups while they are in them, between its opening and its end, in order.</summary>
    void CheckSession(SessionFacts session)
    {
        if (session.Delivered.Count == 0 && session.OpenedAt is null) return;
        if (!model.Numbers.TryGetValue(session.User, out var number)) return;
        var since = session.OpenedAt ?? session.Delivered[0].Time;
        var until = session.ClosedAt ?? long.MaxValue;
        var heard = _heard.GetValueOrDefault((session.User.App, new UserNumber(number))) ?? [];
        var due = heard.Where(e => e.Time >= since && e.Time < until).Select(e => e.Position).ToList();
        var delivered = session.Delivered.ConvertAll(message => message.Position);
        var isWhole = !session.IsCutOff && session.OpenedAt is not null;
        if (due.Count > 0) model.Reached.Add(isWhole ? Tally.WholeSession : Tally.CutSession);
        model.Check(delivered.SequenceEqual(isWhole ? due : due.Take(delivered.Count)), 6,
            () => $"a session of {session.User} was told {string.Join(' ', delivered)} of {string.Join(' ', due)}{(isWhole ? "" : " …")}");
        foreach (var (position, sequence) in session.Notices)
            model.Check(_notices.Contains((position, sequence)), 6, () => $"a session of {session.User} was told notice {sequence} of record {position}, which is filed under no such");
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
