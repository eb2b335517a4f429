using Parley.Core.Contacts;
using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Messages;
using Parley.Core.Records;
using Parley.Core.Tokens;
using Parley.Core.Users;
using Parley.Store;
using Parley.Store.Feeds;

namespace Parley.Core;

/// <summary>The fold over the log: everything Core knows, computed from records alone. Read under the sequencer's lock.</summary>
public sealed class State
{
    readonly Dictionary<long, AppState> _apps = [];
    readonly DedupeOptions _dedupe;

    internal State(DedupeOptions dedupe) => _dedupe = dedupe;

    /// <summary>Position of the last applied record.</summary>
    public long Position { get; private set; }

    /// <summary>Time of the last applied record, µs.</summary>
    public long Time { get; private set; }

    public IEnumerable<long> Apps => _apps.Keys.Order();

    /// <summary>The state of an app; an empty one, kept nowhere, of an app without records, so that asking for made-up apps costs no memory.</summary>
    public AppState App(long app) => _apps.GetValueOrDefault(app) ?? new AppState(_dedupe);

    /// <summary>Folds everything that is committed.</summary>
    internal static State Replay(Log log, DedupeOptions dedupe)
    {
        const int PageRecords = 4_096, PageBytes = 4 << 20;
        var state = new State(dedupe);
        while (log.ReadFrom(state.Position + 1, PageRecords, PageBytes) is { Count: > 0 } page)
            foreach (var stored in page) state.Apply(stored);
        return state;
    }

    /// <summary>Applies a record as it lies in the log.</summary>
    internal void Apply(LogRecord stored) => Apply(Record.Read(stored.Type, stored.Body), stored.App, stored.Position, stored.Time, stored.Filings);

    /// <summary>The only place where state changes. Pure: everything it uses is in the record.</summary>
    /// <param name="record">Null for a record this version does not know.</param>
    internal void Apply(Record? record, long app, long position, long time, ReadOnlySpan<Filing> filings)
    {
        if (position != Position + 1) throw new InvalidDataException($"Record {position} follows {Position}.");
        (Position, Time) = (position, time);
        if (!_apps.TryGetValue(app, out var state)) _apps[app] = state = new AppState(_dedupe);
        record?.Apply(state, new Applied(position, time, filings));
    }
}

/// <summary>The state of one app.</summary>
public sealed class AppState
{
    internal AppState(DedupeOptions dedupe)
    {
        Users = new UserTable();
        Tokens = new TokenTable(Users);
        Groups = new GroupTable(Users);
        Members = new MemberTable(Users, Groups);
        Conversations = new ConversationTable(Users, Groups, Members, Operations, Mentions);
        Remembered = new RememberedMessages(Users, dedupe);
        Contacts = new ContactTable(Users);
        Applications = new ApplicationTable(Users, Groups);
    }

    public UserTable Users { get; }
    public TokenTable Tokens { get; }
    public GroupTable Groups { get; }
    public MemberTable Members { get; }
    public ConversationTable Conversations { get; }
    public ContactTable Contacts { get; }
    public ApplicationTable Applications { get; }
    public UserValueTable Values { get; } = new();

    public ReactionTable Reactions { get; } = new();
    public PinTable Pins { get; } = new();

    /// <summary>Client message ids remembered for dedupe.</summary>
    public int RememberedCount => Remembered.Count;

    internal RememberedMessages Remembered { get; }

    internal OperationTable Operations { get; } = new();

    internal MentionTable Mentions { get; } = new();

    /// <summary>A message is gone for everyone, and with it what hung on it.</summary>
    internal void EndMessage(ConversationKey conversation, MessageOperation operation)
    {
        Operations.Set(conversation, operation);
        Reactions.Clear(conversation, operation.Sequence);
        if (Pins.Contains(conversation, operation.Sequence)) Pins.Set(conversation, operation.Sequence, isPinned: false);
    }
}
