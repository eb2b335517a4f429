using System.Runtime.InteropServices;
using Parley.Core.Contacts;
using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Messages;
using Parley.Core.Records;
using Parley.Core.Snapshots;
using Parley.Core.Tokens;
using Parley.Core.Users;
using Parley.Store;
using Parley.Store.Feeds;
using Parley.Store.Reads;

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

    /// <summary>Folds everything that is committed: a snapshot, and what came after it.</summary>
    /// <param name="snapshot">Position of the snapshot; 0 when there was none to use.</param>
    /// <param name="to">Where it stops if not at the end.</param>
    internal static State Replay(Log log, DedupeOptions dedupe, out long snapshot, long to = long.MaxValue)
    {
        to = Math.Min(to, log.CommittedPosition);
        var state = Snapshots.Replay.Begin(log, dedupe, to);
        snapshot = state.Position;
        using var scan = log.Scan(state.Position + 1, to);
        while (scan.TryNext()) state.Apply(scan);
        return state;
    }

    /// <summary>Writes all of it as <c>Snapshots/FORMAT.md</c> says: the same log gives the same bytes.</summary>
    /// <returns>Bytes written.</returns>
    internal long Write(Stream stream, CancellationToken cancellation = default)
    {
        var output = new StateWriter(stream, cancellation);
        output.Begin(Section.State, version: 1);
        output.Value(Position);
        output.Value(Time);
        output.Count(_apps.Count);
        output.End();
        foreach (var number in Apps)
        {
            output.Begin(Section.App, version: 1);
            output.Value(number);
            output.End();
            _apps[number].Write(output);
        }

        output.Begin(Section.End, version: 1);
        output.End();
        output.Flush();
        return output.Written;
    }

    /// <exception cref="UnreadableStateException">It is not what <see cref="Write"/> writes, or a newer server wrote it.</exception>
    internal static State Read(Stream stream, DedupeOptions dedupe)
    {
        var input = new StateReader(stream);
        input.Begin(Section.State, newest: 1);
        var state = new State(dedupe) { Position = input.Value<long>(), Time = input.Value<long>() };
        var apps = input.Count();
        input.End();
        for (; apps > 0; apps--)
        {
            input.Begin(Section.App, newest: 1);
            var app = new AppState(dedupe);
            if (!state._apps.TryAdd(input.Value<long>(), app)) throw input.Broken("it is there twice");
            input.End();
            app.Read(input);
        }

        input.Begin(Section.End, newest: 1);
        input.End();
        input.AssertEnd();
        return state;
    }

    /// <summary>Applies a record as it lies in the log.</summary>
    internal void Apply(LogRecord stored)
    {
        var app = Advance(stored.App, stored.Position, stored.Time);
        var at = new Applied(stored.Position, stored.Time, stored.Filings);
        if (stored.Type == RecordTypes.MessageSent && MessageSent.TryApply(stored.Body.Span, app, at)) return;
        Record.Read(stored.Type, stored.Body)?.Apply(app, at);
    }

    /// <summary>The same, of the record that a scan stands at.</summary>
    internal void Apply(LogScan scan)
    {
        var app = Advance(scan.App, scan.Position, scan.Time);
        var at = new Applied(scan.Position, scan.Time, scan.Filings);
        if (scan.Type == RecordTypes.MessageSent && MessageSent.TryApply(scan.Body, app, at)) return;
        // What is read may be kept, and what a scan shows is not.
        Record.Read(scan.Type, scan.Body.ToArray())?.Apply(app, at);
    }

    /// <summary>The only place where state changes. Pure: everything it uses is in the record.</summary>
    /// <param name="record">Null for a record this version does not know.</param>
    internal void Apply(Record? record, long app, long position, long time, ReadOnlySpan<Filing> filings)
    {
        var state = Advance(app, position, time);
        record?.Apply(state, new Applied(position, time, filings));
    }

    /// <summary>Tells of a message that is still to be applied: see <see cref="RememberedMessages.Expect"/>.</summary>
    internal void Expect(long app, long time) => Of(app).Remembered.Expect(time);

    AppState Advance(long app, long position, long time)
    {
        if (position != Position + 1) throw new InvalidDataException($"Record {position} follows {Position}.");
        (Position, Time) = (position, time);
        return Of(app);
    }

    AppState Of(long app)
    {
        ref var state = ref CollectionsMarshal.GetValueRefOrAddDefault(_apps, app, out _);
        return state ??= new AppState(_dedupe);
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

    internal void Write(StateWriter output)
    {
        Users.Write(output);
        Tokens.Write(output);
        Groups.Write(output);
        Members.Write(output);
        Conversations.Write(output);
        Operations.Write(output);
        Mentions.Write(output);
        Reactions.Write(output);
        Pins.Write(output);
        Contacts.Friends.Write(output);
        Contacts.Blocks.Write(output);
        Contacts.Requests.Write(output);
        Applications.Write(output);
        Values.Write(output);
        Remembered.Write(output);
    }

    internal void Read(StateReader input)
    {
        Users.Read(input);
        Tokens.Read(input);
        Groups.Read(input);
        Members.Read(input);
        Conversations.Read(input);
        Operations.Read(input);
        Mentions.Read(input);
        Reactions.Read(input, Users.Count + 1);
        Pins.Read(input);
        Contacts.Friends.Read(input);
        Contacts.Blocks.Read(input);
        Contacts.Requests.Read(input);
        Applications.Read(input);
        Values.Read(input);
        Remembered.Read(input);
        Users.CheckLinks(input, Conversations.LastLink, Members.LastLink, Contacts.Friends.End, Contacts.Blocks.End, Contacts.Requests.End);
    }

    /// <summary>All messages up to one are gone for everyone, and with them what hung on them.</summary>
    /// <param name="from">The first that was not cut before.</param>
    /// <param name="sentBefore">µs; 0 when nothing is known.</param>
    internal void Cut(ConversationKey conversation, long from, long upTo, long sentBefore)
    {
        Conversations.Cut(conversation, upTo);
        Operations.Cut(conversation, upTo);
        Reactions.Cut(conversation, from, upTo);
        Pins.Cut(conversation, upTo);
        // As of an erasure: a replay over the overwritten records knows neither who was mentioned nor any client id.
        Mentions.Cut(conversation, upTo);
        Remembered.Cut(conversation, upTo, sentBefore);
    }

    /// <summary>A message is gone for everyone, and with it what hung on it.</summary>
    internal void EndMessage(ConversationKey conversation, MessageOperation operation)
    {
        Operations.Set(conversation, operation);
        Reactions.Clear(conversation, operation.Sequence);
        if (Pins.Contains(conversation, operation.Sequence)) Pins.Set(conversation, operation.Sequence, isPinned: false);
    }
}
