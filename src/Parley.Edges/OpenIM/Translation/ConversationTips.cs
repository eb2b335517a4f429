using Parley.Core.Notices;
using Parley.Wire.OpenIM;

namespace Parley.Edges.OpenIM.Translation;

/// <summary>Notices about what a user set for, or read in, a conversation.</summary>
static class ConversationTips
{
    /// <summary>Sequences that one receipt lists, the newest: it would not end otherwise where thousands were read at once.</summary>
    public const int MaxSequences = 2_000;

    /// <summary>Null for an event this protocol has no word for.</summary>
    public static Notification? Write(ConversationNotice notice, string administratorId)
    {
        var (user, ids) = (notice.UserId, notice.Conversations.Select(ConversationIds.Of).ToArray());
        return notice.Event switch
        {
            ConversationEvent.SettingsChanged => Notification.ToUser(NotificationTypes.ConversationChanged, user, user, new { UserID = user, ConversationIDList = ids }),
            ConversationEvent.Cleared => Notification.ToUser(NotificationTypes.ConversationCleared, user, user, new { UserID = user, ConversationIDs = ids }),
            ConversationEvent.Cut => Notification.ToAll(NotificationTypes.ConversationCleared, administratorId, notice.Conversations[0], new { UserID = administratorId, ConversationIDs = ids }),
            ConversationEvent.PrivateChanged when notice.Conversations.Count > 0 && notice.Conversations[0].PeerOf(user) is var peer
                => Notification.ToUser(NotificationTypes.PrivateChanged, user, peer, new { RecvID = peer, SendID = user, notice.IsPrivate, ConversationID = ids[0] }),
            _ => null,
        };
    }

    /// <summary>To the peer and the reader alike; in a group for the reader's devices alone.</summary>
    public static Notification Write(ReadNotice notice)
    {
        var receiver = notice.Conversation.IsGroup ? notice.ReaderId : notice.Conversation.PeerOf(notice.ReaderId);
        var count = Math.Clamp(notice.To - notice.From, 1, MaxSequences);
        return Notification.ToUser(NotificationTypes.Read, notice.ReaderId, receiver, new
        {
            MarkAsReadUserID = notice.ReaderId,
            ConversationID = ConversationIds.Of(notice.Conversation),
            // Clients pass over a receipt without any.
            Seqs = Enumerable.Range(0, (int)count).Select(i => notice.To - count + 1 + i).ToArray(),
            HasReadSeq = notice.To,
        });
    }
}
