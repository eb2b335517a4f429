using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Tokens;

namespace Parley.Simulation;

/// <summary>
/// What must be true, by what clients tried and what they were shown; the server tells it nothing else. A contradiction between two things shown is found here at
/// once; what is shown and what is on disk are compared by <see cref="Audit"/>.
/// </summary>
sealed class Model
{
    public Dictionary<SendName, SendFacts> Sends { get; } = [];
    public Dictionary<long, ShownMessage> Shown { get; } = [];
    public Dictionary<MarkName, MarkFacts> Marks { get; } = [];
    public Dictionary<UserName, Registration> Registrations { get; } = [];
    public Dictionary<UserName, uint> Numbers { get; } = [];
    public Dictionary<TokenKey, TokenFacts> Tokens { get; } = [];
    /// <summary>Commands under way that may kick a token of a user, those issued meanwhile too.</summary>
    public Dictionary<UserName, int> Threats { get; } = [];
    public List<SessionFacts> Sessions { get; } = [];
    public Registers Registers { get; } = new();

    /// <summary>What was tried since the server was started, but for messages, marks, users and tokens.</summary>
    public List<Deed> Deeds { get; } = [];

    /// <summary>Hash of every record that an audit read, by position − 1: none may ever change or be missing again.</summary>
    public List<ulong> Records { get; } = [];

    /// <summary>Digest of the state by the position it was shown at.</summary>
    public Dictionary<long, ulong> Digests { get; } = [];

    public Tally Reached { get; } = new();

    readonly Dictionary<(ConversationId Conversation, UserName User), long> _lasts = [];

    public BrokenPromiseException? Broken { get; private set; }

    /// <returns>Never: it throws. Kept as well, as whoever awaits may swallow it.</returns>
    public Exception Break(int promise, string what)
    {
        Broken ??= new BrokenPromiseException(promise, what);
        throw Broken;
    }

    public void Check(bool holds, int promise, Func<string> what)
    {
        if (!holds) Break(promise, what());
    }

    /// <summary>Highest sequence that a user is known to see in a conversation: between peers what either was shown, in a group, which one may have left, what they were.</summary>
    public long LastOf(UserName user, Recipient to) => _lasts.GetValueOrDefault(Seen(user, to));

    void ShowLast(UserName user, Recipient to, long sequence) => _lasts[Seen(user, to)] = Math.Max(LastOf(user, to), sequence);

    static (ConversationId, UserName) Seen(UserName user, Recipient to)
        => (ConversationId.Of(user, to), to.Kind == ConversationKind.Group ? user : default);

    public bool IsKnown(UserName user) => Numbers.ContainsKey(user);

    public SendAttempt Try(SendName name, string body)
    {
        if (!Sends.TryGetValue(name, out var facts)) Sends[name] = facts = new SendFacts();
        var attempt = new SendAttempt(name, body);
        facts.Attempts.Add(attempt);
        return attempt;
    }

    /// <summary>Whether a repeat gets an answer, whatever became of the sender since.</summary>
    public bool IsKept(SendName name) => Sends.TryGetValue(name, out var facts) && facts.Answer is not null;

    public Deed Try(Command command, Effect[] effects)
    {
        var deed = new Deed(command);
        foreach (var effect in effects) effect.Register.Add(deed, effect);
        Deeds.Add(deed);
        return deed;
    }

    public void Answered(SendAttempt attempt, Outcome outcome)
    {
        var facts = Sends[attempt.Name];
        switch (outcome.Refusal)
        {
            case Refusal.None:
                attempt.Fate = Fate.Accepted;
                var shown = new ShownMessage(attempt.Name, attempt.Body, outcome.Position, outcome.Sequence, outcome.Time);
                if (facts.Answer is { } first && first != shown) Break(3, $"the repeat was answered {shown}, the first {first}");
                if (facts.Answer is not null) Reached.Add(Tally.Repeat);
                facts.Answer = shown;
                Show(shown, attempt.Name.Sender);
                var mark = MarkOf(new MarkName(attempt.Name.Sender, attempt.Name.To, MarkKind.Read));
                mark.Floor = Math.Max(mark.Floor, outcome.Sequence);
                break;
            case Refusal.OutcomeUnknown:
                break;
            case Refusal.MessageIdReused:
                attempt.Fate = Fate.Refused;
                facts.Reused.Add(attempt.Body);
                Check(facts.Attempts.Exists(a => a.Body != attempt.Body && a.Fate != Fate.Refused), 3, () => $"{attempt.Name} was refused as used for another body, and never was");
                break;
            default:
                attempt.Fate = Fate.Refused;
                break;
        }
    }

    /// <summary>Somebody saw a message: whoever sees that position again must see the same.</summary>
    /// <param name="to">Null for an audit, which sees what nobody may have been shown.</param>
    public void Show(ShownMessage shown, UserName? to)
    {
        if (to is { } user) ShowLast(user, user == shown.Name.Sender || shown.Name.To.Kind == ConversationKind.Group ? shown.Name.To : Recipient.User(shown.Name.Sender.Id), shown.Sequence);
        if (!Shown.TryAdd(shown.Position, shown))
        {
            Check(Shown[shown.Position] == shown, 4, () => $"position {shown.Position} was shown as {Shown[shown.Position]} and then as {shown}");
            return;
        }

        Check(shown.IsEvent || (Sends.TryGetValue(shown.Name, out var facts) && facts.Attempts.Exists(a => a.Body == shown.Body && a.Fate != Fate.Refused)), 1,
            () => $"{shown} was shown, and nobody sent it or it was refused");
    }

    public MarkFacts MarkOf(MarkName name)
    {
        if (!Marks.TryGetValue(name, out var facts)) Marks[name] = facts = new MarkFacts();
        return facts;
    }

    /// <summary>The least that a query asked now may answer: answers can overtake each other on their way, what they saw can't go back.</summary>
    public ViewFloor FloorOf(UserName user, Recipient to)
        => new(LastOf(user, to), MarkOf(new MarkName(user, to, MarkKind.Read)).Floor, MarkOf(new MarkName(user, to, MarkKind.Minimum)).Floor);

    public void ShowView(UserName user, Recipient to, in ConversationView view, in ViewFloor floor)
    {
        var (last, least) = (view.Last, floor.Last);
        Check(last >= least, 4, () => $"{user}'s conversation with {to} ends at {last}, and {least} was shown");
        ShowLast(user, to, last);
        ShowMark(new MarkName(user, to, MarkKind.Read), view.Read, floor.Read, view.Last);
        ShowMark(new MarkName(user, to, MarkKind.Minimum), view.Minimum, floor.Minimum, view.Last + 1);
    }

    void ShowMark(MarkName name, long value, long floor, long largest)
    {
        Check(value >= floor, 1, () => $"{name} is {value} and was answered or shown as {floor}");
        Check(value <= largest, 2, () => $"{name} is {value}, beyond {largest}");
        var facts = MarkOf(name);
        facts.Floor = Math.Max(facts.Floor, value);
    }

    public void ShowUser(UserName user, uint number)
    {
        if (!Numbers.TryAdd(user, number)) Check(Numbers[user] == number, 4, () => $"{user} has number {number} and had {Numbers[user]}");
        Registrations[user].IsKept = true;
    }

    public void ShowDigest(long position, ulong digest)
    {
        if (Digests.TryAdd(position, digest)) return;
        Reached.Add(Tally.Digest);
        Check(Digests[position] == digest, 5, () => $"the state at {position} is not what it was");
    }

    /// <summary>Tokens that a command now on its way may kick.</summary>
    public void Threaten(UserName user, Func<TokenFacts, bool> isMeant)
    {
        foreach (var token in Tokens.Values)
            if (token.User == user && isMeant(token)) token.MayBeKicked = true;
        Threats[user] = Threats.GetValueOrDefault(user) + 1;
    }

    /// <summary>Enough others were issued for the oldest to go. In which order they were, only the server knows.</summary>
    public bool MayBeForgotten(TokenFacts token, int bound)
        => Tokens.Values.Count(other => other != token && other.User == token.User && other.Platform == token.Platform) >= bound;

    /// <summary>The process is gone, and with it every session and command.</summary>
    public void CutOff()
    {
        Threats.Clear();
        // What it found out when it was dead already does not count.
        Broken = null;
        foreach (var session in Sessions) session.IsCutOff |= session.ClosedAt is null;
    }
}
