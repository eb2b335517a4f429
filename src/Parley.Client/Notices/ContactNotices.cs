using System.Text.Json;
using Parley.Client.Api;
using Parley.Client.Contacts;
using Parley.Client.Lists;
using Parley.Wire.OpenIM;

namespace Parley.Client.Notices;

/// <summary>Friends and blocked users.</summary>
static class ContactNotices
{
    public static ParleyEvent? Apply(int type, JsonElement tips, ListSyncer lists)
    {
        switch (type)
        {
            case NotificationTypes.FriendRequested:
                return new ParleyEvent.FriendRequested(RequestIn(tips));
            case NotificationTypes.FriendRefused:
                return new ParleyEvent.FriendRequestAnswered(RequestIn(tips) with { Answer = RequestAnswer.Refused });
            case NotificationTypes.FriendAccepted:
                lists.Request(VersionedList.Friends);
                return new ParleyEvent.FriendRequestAnswered(RequestIn(tips) with { Answer = RequestAnswer.Accepted });
            case NotificationTypes.Blocked or NotificationTypes.Unblocked:
                lists.Request(VersionedList.Blocked);
                return null;
            default:
                lists.Request(VersionedList.Friends);
                return null;
        }
    }

    /// <summary>Older servers name the two alone.</summary>
    static FriendRequest RequestIn(JsonElement tips)
    {
        var pair = tips.Part("fromToUserID");
        return FriendRequest.Read(tips.Part("request")) is { FromUserId.Length: > 0 } request
            ? request : new FriendRequest(pair.Text("fromUserID"), pair.Text("toUserID"), "", RequestAnswer.Open, tips.Text("handleMsg"), null, null, "");
    }
}
