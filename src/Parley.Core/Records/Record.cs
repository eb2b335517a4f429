using Parley.Core.Notices;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Records;

/// <summary>Numbers of the record types on disk: add, never reuse.</summary>
static class RecordTypes
{
    public const ushort UserRegistered = 1;
    public const ushort TokenIssued = 2;
    public const ushort TokensRevoked = 3;
    public const ushort MessageSent = 4;
    public const ushort MarksMoved = 5;
    public const ushort ProfileChanged = 6;
    public const ushort UserValueSet = 7;
    public const ushort ConversationChanged = 8;
    public const ushort MessageRecalled = 9;
    public const ushort MessageEdited = 10;
    public const ushort MessagesDeleted = 11;
    public const ushort MessagesHidden = 12;
    public const ushort Reacted = 13;
    public const ushort MessagePinned = 14;
    public const ushort NotificationSent = 15;
    public const ushort MessageSaved = 16;
    public const ushort MessagesErased = 17;
    public const ushort ConversationCut = 18;
    public const ushort UserErased = 19;
    public const ushort GroupCreated = 20;
    public const ushort GroupChanged = 21;
    public const ushort GroupDismissed = 22;
    public const ushort MembersEntered = 23;
    public const ushort MembersLeft = 24;
    public const ushort MemberChanged = 25;
    public const ushort OwnerChanged = 26;
    public const ushort ApplicationMade = 27;
    public const ushort ApplicationAnswered = 28;
    public const ushort FriendRequested = 40;
    public const ushort FriendAnswered = 41;
    public const ushort FriendsAdded = 42;
    public const ushort FriendsChanged = 43;
    public const ushort FriendDeleted = 44;
    public const ushort UserBlocked = 45;
    public const ushort UserUnblocked = 46;
}

/// <summary>What became true: its encoding (described in <c>FORMAT.md</c>), what it changes, and who is told.</summary>
abstract record Record(ushort Type)
{
    public abstract void Write(TaggedWriter writer);

    /// <summary>The only place where state changes. Pure: uses nothing but the record, where it lies and the state before it.</summary>
    public abstract void Apply(AppState app, in Applied at);

    /// <summary>Says who is to be told once it is committed. The state is the one after it.</summary>
    public virtual void Announce(AppState app, in Applied at, Announcer to)
    {
    }

    /// <summary>What a reader of a feed of notices finds in its place; null for a record that is filed in none.</summary>
    public virtual Notice? NoticeFor(AppState app, FeedId feed, in Applied at, UserNumber reader) => null;

    /// <summary>What a reader of one of its change feeds has to look at again.</summary>
    public virtual void Touch(FeedId list, in Applied at, ListChanges changes)
    {
    }

    /// <summary>Whether it holds texts that have to go when a user is erased: what they wrote or said of themself, and what was written to or of nobody but them. Messages are erased by <see cref="MessagesErased"/>.</summary>
    public virtual bool HoldsTextsOf(UserNumber user, in Applied at) => false;

    /// <summary>What may stay of it then: all that the state is folded from, but for what <see cref="UserErased"/> forgets.</summary>
    public virtual void WriteWithoutTexts(TaggedWriter writer, UserNumber user) => throw new NotSupportedException($"Nothing of a record of type {Type} is a user's own.");

    /// <summary>Null for a type this version does not know: it is kept in the log and changes nothing here.</summary>
    public static Record? Read(ushort type, ReadOnlyMemory<byte> body) => type switch
    {
        RecordTypes.UserRegistered => UserRegistered.Read(new TaggedReader(body)),
        RecordTypes.TokenIssued => TokenIssued.Read(new TaggedReader(body)),
        RecordTypes.TokensRevoked => TokensRevoked.Read(new TaggedReader(body)),
        RecordTypes.MessageSent => MessageSent.Read(new TaggedReader(body)),
        RecordTypes.MarksMoved => MarksMoved.Read(new TaggedReader(body)),
        RecordTypes.ProfileChanged => ProfileChanged.Read(new TaggedReader(body)),
        RecordTypes.UserValueSet => UserValueSet.Read(new TaggedReader(body)),
        RecordTypes.FriendRequested => FriendRequested.Read(new TaggedReader(body)),
        RecordTypes.FriendAnswered => FriendAnswered.Read(new TaggedReader(body)),
        RecordTypes.FriendsAdded => FriendsAdded.Read(new TaggedReader(body)),
        RecordTypes.FriendsChanged => FriendsChanged.Read(new TaggedReader(body)),
        RecordTypes.FriendDeleted => FriendDeleted.Read(new TaggedReader(body)),
        RecordTypes.UserBlocked => UserBlocked.Read(new TaggedReader(body)),
        RecordTypes.UserUnblocked => UserUnblocked.Read(new TaggedReader(body)),
        RecordTypes.ConversationChanged => ConversationChanged.Read(new TaggedReader(body)),
        RecordTypes.MessageRecalled => MessageRecalled.Read(new TaggedReader(body)),
        RecordTypes.MessageEdited => MessageEdited.Read(new TaggedReader(body)),
        RecordTypes.MessagesDeleted => MessagesRemoved.Read(new TaggedReader(body), isForAll: true),
        RecordTypes.MessagesHidden => MessagesRemoved.Read(new TaggedReader(body), isForAll: false),
        RecordTypes.Reacted => Reacted.Read(new TaggedReader(body)),
        RecordTypes.NotificationSent => NotificationSent.Read(new TaggedReader(body)),
        RecordTypes.MessageSaved => MessageSaved.Read(new TaggedReader(body)),
        RecordTypes.MessagesErased => MessagesErased.Read(new TaggedReader(body)),
        RecordTypes.ConversationCut => ConversationCut.Read(new TaggedReader(body)),
        RecordTypes.UserErased => UserErased.Read(new TaggedReader(body)),
        RecordTypes.MessagePinned => MessagePinned.Read(new TaggedReader(body)),
        RecordTypes.GroupCreated => GroupCreated.Read(new TaggedReader(body)),
        RecordTypes.GroupChanged => GroupChanged.Read(new TaggedReader(body)),
        RecordTypes.GroupDismissed => GroupDismissed.Read(new TaggedReader(body)),
        RecordTypes.MembersEntered => MembersEntered.Read(new TaggedReader(body)),
        RecordTypes.MembersLeft => MembersLeft.Read(new TaggedReader(body)),
        RecordTypes.MemberChanged => MemberChanged.Read(new TaggedReader(body)),
        RecordTypes.OwnerChanged => OwnerChanged.Read(new TaggedReader(body)),
        RecordTypes.ApplicationMade => ApplicationMade.Read(new TaggedReader(body)),
        RecordTypes.ApplicationAnswered => ApplicationAnswered.Read(new TaggedReader(body)),
        _ => null,
    };
}

/// <summary>Where a record lies.</summary>
readonly ref struct Applied(long position, long time, ReadOnlySpan<Filing> filings)
{
    public long Position { get; } = position;

    /// <summary>µs.</summary>
    public long Time { get; } = time;
    public ReadOnlySpan<Filing> Filings { get; } = filings;

    /// <summary>The record's sequence in a feed; 0 when it is not filed there.</summary>
    public long SequenceIn(FeedId feed)
    {
        foreach (var filing in Filings)
            if (filing.Feed == feed) return filing.Sequence;
        return 0;
    }
}
