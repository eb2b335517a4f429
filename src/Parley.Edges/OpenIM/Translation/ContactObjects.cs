using Parley.Core.Contacts;
using Parley.Core.Conversations;
using Parley.Core.Users;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.OpenIM.Translation;

/// <summary>OpenIM's objects about users and what is between them, as REST answers and notifications hold them.</summary>
static class ContactObjects
{
    /// <param name="showsSettings">Whether who asks may know how the user wants to hear of messages.</param>
    public static UserInfo User(UserProfile profile, bool showsSettings) => new()
    {
        UserID = profile.Id,
        Nickname = profile.Nickname,
        FaceURL = profile.FaceUrl,
        Ex = profile.Extra,
        CreateTime = MessageTranslation.Milliseconds(profile.CreatedAt),
        AppMangerLevel = (int)profile.Level,
        GlobalRecvMsgOpt = showsSettings ? (int)profile.Receive : (int)ReceiveOption.Notify,
    };

    public static FriendInfo Friend(Friend friend, string administratorId) => new(friend.OwnerId, User(friend.User, showsSettings: false))
    {
        Remark = friend.Remark,
        CreateTime = MessageTranslation.Milliseconds(friend.AddedAt),
        AddSource = (int)friend.Source,
        OperatorUserID = friend.OperatorId.Length == 0 ? administratorId : friend.OperatorId,
        Ex = friend.Extra,
        IsPinned = friend.IsPinned,
    };

    public static BlackInfo Block(Block block, string administratorId) => new(block.OwnerId, GroupObjects.User(block.User))
    {
        CreateTime = MessageTranslation.Milliseconds(block.BlockedAt),
        OperatorUserID = block.OperatorId.Length == 0 ? administratorId : block.OperatorId,
        Ex = block.Extra,
    };

    public static FriendApplication Request(FriendRequest request) => new(request.FromId, request.ToId)
    {
        FromNickname = request.From.Nickname,
        FromFaceURL = request.From.FaceUrl,
        ToNickname = request.To.Nickname,
        ToFaceURL = request.To.FaceUrl,
        HandleResult = GroupObjects.ResultOf(request.Answer),
        ReqMsg = request.Message,
        CreateTime = MessageTranslation.Milliseconds(request.RequestedAt),
        HandlerUserID = request.Answer == Answer.Open ? "" : request.ToId,
        HandleMsg = request.AnswerMessage,
        HandleTime = MessageTranslation.Milliseconds(request.AnsweredAt),
        Ex = request.Extra,
    };
}

/// <summary><c>FriendInfo</c>.</summary>
sealed record FriendInfo(string OwnerUserID, UserInfo FriendUser)
{
    public string Remark { get; init; } = "";
    public long CreateTime { get; init; }
    public int AddSource { get; init; }
    public string OperatorUserID { get; init; } = "";
    public string Ex { get; init; } = "";
    public bool IsPinned { get; init; }
}

/// <summary><c>BlackInfo</c>.</summary>
sealed record BlackInfo(string OwnerUserID, PublicUser BlackUserInfo)
{
    public long CreateTime { get; init; }
    public int AddSource { get; init; }
    public string OperatorUserID { get; init; } = "";
    public string Ex { get; init; } = "";
}

/// <summary><c>FriendRequest</c>.</summary>
sealed record FriendApplication(string FromUserID, string ToUserID)
{
    public string FromNickname { get; init; } = "";
    public string FromFaceURL { get; init; } = "";
    public string ToNickname { get; init; } = "";
    public string ToFaceURL { get; init; } = "";
    public int HandleResult { get; init; }
    public string ReqMsg { get; init; } = "";
    public long CreateTime { get; init; }
    public string HandlerUserID { get; init; } = "";
    public string HandleMsg { get; init; } = "";
    public long HandleTime { get; init; }
    public string Ex { get; init; } = "";
}
