using Parley.Core;
using Parley.Wire.OpenIM;

namespace Parley.Edges.OpenIM;

/// <summary>
/// What each refusal is in OpenIM's codes. The protocol has none for "later": 500 is what clients may repeat with the same clientMsgID, all others are final.
/// </summary>
static class Refusals
{
    public static (int Code, string Text) Of(Refusal refusal) => refusal switch
    {
        Refusal.None => (ErrorCodes.None, ""),
        Refusal.OutcomeUnknown => (ErrorCodes.Internal, "the server could not make sure; repeat with the same clientMsgID"),
        Refusal.ReadOnly => (ErrorCodes.Internal, "the server takes no changes until it is restarted"),
        Refusal.StoreFull => (ErrorCodes.Internal, "the server's disk is full"),
        Refusal.NotAllowed => (ErrorCodes.NoPermission, "not allowed"),
        Refusal.UnknownUser => (ErrorCodes.UserNotFound, "no such user"),
        Refusal.UserExists => (ErrorCodes.AlreadyRegistered, "a user of that id exists"),
        Refusal.InvalidId => (ErrorCodes.Arguments, "an id is empty, too long or holds control characters"),
        Refusal.ReservedId => (ErrorCodes.Arguments, "the id is reserved"),
        Refusal.AmbiguousId => (ErrorCodes.Arguments, "the id would make a conversation's id mean two things"),
        Refusal.EmptyMessage => (ErrorCodes.Arguments, "the message is empty"),
        Refusal.TooLarge => (ErrorCodes.Arguments, "too large"),
        Refusal.ToSelf => (ErrorCodes.CannotAddSelf, "not with oneself"),
        Refusal.RateLimited => (ErrorCodes.Internal, "too many at once; repeat later, a message with the same clientMsgID"),
        Refusal.MessageIdReused => (ErrorCodes.DuplicateKey, "the clientMsgID was used for another message"),
        Refusal.UnknownToken => (ErrorCodes.TokenNotExist, "no such token"),
        Refusal.ExpiredToken => (ErrorCodes.TokenExpired, "the token has expired"),
        Refusal.KickedToken => (ErrorCodes.TokenKicked, "the token was kicked"),
        Refusal.TooMany => (ErrorCodes.Arguments, "too many at once"),
        Refusal.UnknownConversation => (ErrorCodes.RecordNotFound, "no such conversation"),
        Refusal.Stopping => (ErrorCodes.Internal, "the server is stopping"),
        Refusal.UnknownGroup => (ErrorCodes.GroupNotFound, "no such group"),
        Refusal.GroupExists => (ErrorCodes.GroupExists, "a group of that id exists"),
        Refusal.GroupDismissed => (ErrorCodes.GroupDismissed, "the group was dismissed"),
        Refusal.NotAMember => (ErrorCodes.NotInGroup, "not in the group"),
        Refusal.Muted => (ErrorCodes.MutedInGroup, "muted in the group"),
        Refusal.GroupMuted => (ErrorCodes.GroupMuted, "the group is muted"),
        Refusal.Blocked => (ErrorCodes.BlockedByPeer, "blocked by the other"),
        Refusal.NotFriends => (ErrorCodes.NotFriend, "not a friend"),
        Refusal.ReceiverDeclines => (ErrorCodes.Arguments, "the receiver takes no messages"),
        Refusal.AlreadyFriends => (ErrorCodes.AlreadyFriends, "friends already"),
        Refusal.UnknownRequest => (ErrorCodes.RecordNotFound, "no such request"),
        // Groups have a code of their own for it, which their routes say instead.
        Refusal.RequestAnswered => (ErrorCodes.FriendRequestHandled, "the request was answered before"),
        Refusal.UnknownMessage => (ErrorCodes.RecordNotFound, "no such message"),
        Refusal.MessageGone => (ErrorCodes.AlreadyRevoked, "the message was recalled or deleted before"),
        Refusal.TooLate => (ErrorCodes.NoPermission, "too late for that"),
        Refusal.AlreadyMember => (ErrorCodes.Arguments, "in the group already"),
        Refusal.GroupFull => (ErrorCodes.Arguments, "the group is full"),
        _ => (ErrorCodes.Internal, "refused"),
    };
}
