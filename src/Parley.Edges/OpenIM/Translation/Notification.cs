using Parley.Core.Conversations;

namespace Parley.Edges.OpenIM.Translation;

/// <summary>A notice in OpenIM's words: of which type, from whom, to whom, where, and its tips object.</summary>
/// <param name="ReceiverId">A user's id, or the group's.</param>
/// <param name="ConversationId">Where clients count it: an <c>n_</c> text.</param>
sealed record Notification(int ContentType, string SenderId, string ReceiverId, int SessionType, string ConversationId, object Tips)
{
    public static Notification ToUser(int contentType, string senderId, string receiverId, object tips)
        => new(contentType, senderId, receiverId, SessionTypes.Peer, ConversationIds.NoticesOf(senderId, receiverId), tips);

    public static Notification ToGroup(int contentType, string senderId, string groupId, object tips)
        => new(contentType, senderId, groupId, SessionTypes.Group, ConversationIds.NoticesOfGroup(groupId), tips);

    /// <param name="senderId">Of a peer conversation one of the two, or someone else.</param>
    public static Notification ToAll(int contentType, string senderId, ConversationName conversation, object tips) => conversation.IsGroup
        ? ToGroup(contentType, senderId, conversation.First, tips)
        : new(contentType, senderId, conversation.PeerOf(senderId), SessionTypes.Of(conversation), ConversationIds.NoticesOf(conversation), tips);
}
