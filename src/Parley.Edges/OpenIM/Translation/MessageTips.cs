using System.Text.Json;
using Parley.Core.Notices;
using Parley.Edges.OpenIM.Rest;
using Parley.Wire.OpenIM;

namespace Parley.Edges.OpenIM.Translation;

/// <summary>
/// Notices about messages. What OpenIM has no type for is a business notification, which applications get as it is: <c>{"key":"parley.edit","data":"…"}</c>, data being JSON.
/// </summary>
sealed class MessageTips(string administratorId)
{
    public Notification Write(RecallNotice notice)
    {
        var recall = notice.Recall;
        var revoker = Shown(recall.RevokerId);
        return Notification.ToAll(NotificationTypes.Recalled, revoker, notice.Conversation, new
        {
            RevokerUserID = revoker,
            ClientMsgID = recall.ClientId,
            RevokeTime = MessageTranslation.Milliseconds(recall.RecalledAt),
            // Spelled so in the protocol.
            SesstionType = SessionTypes.Of(notice.Conversation),
            Seq = recall.Sequence,
            ConversationID = ConversationIds.Of(notice.Conversation),
            IsAdminRevoke = recall.RevokerId.Length == 0,
        });
    }

    public Notification Write(DeletionNotice notice)
    {
        var user = Shown(notice.UserId);
        var tips = new { UserID = user, ConversationID = ConversationIds.Of(notice.Conversation), Seqs = notice.Sequences };
        return notice.IsForAll ? Notification.ToAll(NotificationTypes.Deleted, user, notice.Conversation, tips) : Notification.ToUser(NotificationTypes.Deleted, user, user, tips);
    }

    public Notification Write(EditNotice notice, long time) => Business("parley.edit", notice.EditorId, notice.Conversation, new
    {
        ConversationID = ConversationIds.Of(notice.Conversation),
        Seq = notice.Sequence,
        EditorUserID = Shown(notice.EditorId),
        EditTime = MessageTranslation.Milliseconds(time),
        ContentType = ContentTypes.Of(notice.Kind),
        Content = Content.Write(notice.Kind, notice.Body).ToStringUtf8(),
    });

    public Notification Write(ReactionNotice notice) => Business("parley.reaction", notice.UserId, notice.Conversation, new
    {
        ConversationID = ConversationIds.Of(notice.Conversation),
        Seq = notice.Sequence,
        UserID = Shown(notice.UserId),
        notice.Reaction,
        Removed = notice.IsRemoved,
    });

    public Notification Write(PinNotice notice) => Business("parley.pin", notice.UserId, notice.Conversation, new
    {
        ConversationID = ConversationIds.Of(notice.Conversation),
        Seq = notice.Sequence,
        UserID = Shown(notice.UserId),
        Pinned = notice.IsPinned,
    });

    public Notification Write(CustomNotice notice)
    {
        var (sender, tips) = (Shown(notice.SenderId), new { notice.Key, notice.Data });
        if (notice.IsGroup) return Notification.ToGroup(NotificationTypes.Business, sender, notice.ReceiverId, tips);
        // The administration has no conversations: what it says to a user is among what their own devices are told.
        return Notification.ToUser(NotificationTypes.Business, notice.SenderId.Length == 0 ? notice.ReceiverId : sender, notice.ReceiverId, tips);
    }

    Notification Business(string key, string userId, Core.Conversations.ConversationName conversation, object data) => Notification.ToAll(NotificationTypes.Business, Shown(userId), conversation,
        new { Key = key, Data = JsonSerializer.Serialize(data, RestJson.Options) });

    string Shown(string userId) => userId.Length == 0 ? administratorId : userId;
}
