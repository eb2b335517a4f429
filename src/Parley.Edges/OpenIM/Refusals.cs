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
        Refusal.ToSelf => (ErrorCodes.Arguments, "not to oneself"),
        Refusal.RateLimited => (ErrorCodes.Internal, "too many messages; repeat later with the same clientMsgID"),
        Refusal.MessageIdReused => (ErrorCodes.DuplicateKey, "the clientMsgID was used for another message"),
        Refusal.UnknownToken => (ErrorCodes.TokenNotExist, "no such token"),
        Refusal.ExpiredToken => (ErrorCodes.TokenExpired, "the token has expired"),
        Refusal.KickedToken => (ErrorCodes.TokenKicked, "the token was kicked"),
        Refusal.TooMany => (ErrorCodes.Arguments, "too many at once"),
        Refusal.UnknownConversation => (ErrorCodes.RecordNotFound, "no such conversation"),
        Refusal.Stopping => (ErrorCodes.Internal, "the server is stopping"),
        _ => (ErrorCodes.Internal, "refused"),
    };
}
