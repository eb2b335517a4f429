using Parley.Core.Conversations;
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
        switch (record)
        {
            case MessageSent sent:
                var conversation = new ConversationKey(filings[0].Feed);
                state.Conversations.Append(conversation, sent.Message.Sender, filings[0].Sequence, time);
                state.Remembered.Add(new RememberedMessage(MessageName.Of(sent.Message, conversation), position, filings[0].Sequence, time,
                    RememberedMessages.FingerprintOf(sent.Message)));
                break;
            case MarksMoved moved:
                foreach (var mark in moved.Marks) state.Conversations.Move(mark.Conversation, mark.User, mark.Kind, mark.Sequence);
                break;
            case UserRegistered user:
                state.Users.Add(user, time);
                break;
            case TokenIssued token:
                state.Tokens.Add(new TokenView(token.Key, token.User, token.Platform, TokenState.Live, token.ExpiresAt));
                break;
            case TokensRevoked revoked:
                foreach (var key in revoked.Keys)
                {
                    if (revoked.Forgotten) state.Tokens.Forget(key);
                    else state.Tokens.Kick(key);
                }

                break;
        }
    }
}

/// <summary>The state of one app.</summary>
public sealed class AppState
{
    internal AppState(DedupeOptions dedupe)
    {
        Users = new UserTable();
        Tokens = new TokenTable(Users);
        Conversations = new ConversationTable(Users);
        Remembered = new RememberedMessages(Users, dedupe);
    }

    public UserTable Users { get; }
    public TokenTable Tokens { get; }
    public ConversationTable Conversations { get; }

    /// <summary>Client message ids remembered for dedupe.</summary>
    public int RememberedCount => Remembered.Count;

    internal RememberedMessages Remembered { get; }
}
