using Parley.Core.Contacts;
using Parley.Core.Notices;
using Parley.Wire.OpenIM;

namespace Parley.Edges.OpenIM.Translation;

/// <summary>Notices between two users. They name no version of a list, which makes clients ask for what changed.</summary>
sealed class ContactTips(string administratorId)
{
    /// <summary>Null for an event this protocol has no word for.</summary>
    public Notification? Write(ContactNotice notice, long time)
    {
        var (from, to) = (Shown(notice.FromId), Shown(notice.ToId));
        return notice.Event switch
        {
            ContactEvent.Requested => Notification.ToUser(NotificationTypes.FriendRequested, from, to, new { FromToUserID = Pair(from, to), Request = Request(notice) }),
            // Sent by who answers; the pair is still that of the request.
            ContactEvent.Accepted => Notification.ToUser(NotificationTypes.FriendAccepted, from, to,
                new { FromToUserID = Pair(to, from), HandleMsg = notice.Request?.AnswerMessage ?? "", FriendVersion = 0, FriendVersionID = "", Request = Request(notice) }),
            ContactEvent.Refused => Notification.ToUser(NotificationTypes.FriendRefused, from, to,
                new { FromToUserID = Pair(to, from), HandleMsg = notice.Request?.AnswerMessage ?? "", Request = Request(notice) }),
            ContactEvent.Added => Notification.ToUser(NotificationTypes.FriendImported, from, to, new
            {
                Friend = new
                {
                    OwnerUserID = from,
                    Remark = "",
                    CreateTime = MessageTranslation.Milliseconds(time),
                    FriendUser = new Wire.OpenIM.Messages.UserInfo { UserID = to },
                    AddSource = (int)FriendSource.Import,
                    OperatorUserID = administratorId,
                    Ex = "",
                    IsPinned = false,
                },
                OperationTime = MessageTranslation.Milliseconds(time),
                OpUser = new PublicUser(administratorId),
                FriendVersion = 0,
                FriendVersionID = "",
            }),
            ContactEvent.Deleted => Notification.ToUser(NotificationTypes.FriendDeleted, from, to, new { FromToUserID = Pair(from, to), FriendVersion = 0, FriendVersionID = "" }),
            ContactEvent.Changed => Notification.ToUser(NotificationTypes.FriendsChanged, from, to,
                new { FromToUserID = Pair(from, to), FriendIDs = notice.FriendIds, FriendVersion = 0, FriendVersionID = "" }),
            ContactEvent.Blocked => Notification.ToUser(NotificationTypes.Blocked, from, to, new { FromToUserID = Pair(from, to) }),
            ContactEvent.Unblocked => Notification.ToUser(NotificationTypes.Unblocked, from, to, new { FromToUserID = Pair(from, to) }),
            ContactEvent.ProfileChanged => Notification.ToUser(NotificationTypes.FriendProfileChanged, from, to, new { UserID = from }),
            _ => null,
        };
    }

    /// <summary>Of the user's own profile.</summary>
    public static Notification Write(ProfileNotice notice) => Notification.ToUser(NotificationTypes.OwnProfileChanged, notice.UserId, notice.UserId, new { UserID = notice.UserId });

    string Shown(string userId) => userId.Length == 0 ? administratorId : userId;

    static object Pair(string from, string to) => new { FromUserID = from, ToUserID = to };

    /// <summary>Clients want the whole object.</summary>
    static FriendApplication? Request(ContactNotice notice) => notice.Request is { } request ? ContactObjects.Request(request) : null;
}
