using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Google.Protobuf;
using Parley.Edges.OpenIM.Translation;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.OpenIM.Rest;

/// <summary>The body of <c>/msg/send_msg</c>: the message's own keys with its content as an object, or a whole <c>msgData</c> with its content in base64.</summary>
sealed record SendRequest
{
    public string? SendID { get; init; }
    public string? RecvID { get; init; }
    public string? GroupID { get; init; }
    public string? ClientMsgID { get; init; }
    public string? SenderNickname { get; init; }
    public string? SenderFaceURL { get; init; }
    public int SenderPlatformID { get; init; }
    public JsonElement Content { get; init; }
    public int ContentType { get; init; }
    public int SessionType { get; init; }
    public bool IsOnlineOnly { get; init; }
    public bool NotOfflinePush { get; init; }
    public long CreateTime { get; init; }
    public PushRequest? OfflinePushInfo { get; init; }
    public Dictionary<string, bool>? Options { get; init; }
    public string?[]? AtUserIDList { get; init; }
    public string? AttachedInfo { get; init; }
    public string? Ex { get; init; }
    public SendRequest? MsgData { get; init; }

    /// <summary>Of <c>/msg/batch_send_msg</c>.</summary>
    public string?[]? RecvIDs { get; init; }
    public bool IsSendAll { get; init; }

    /// <summary>Null when there is no usable content. A message without client id gets one, and so is a new message each time.</summary>
    public MsgData? ToProtobuf(TimeProvider time)
    {
        if (MsgData is not null) return (MsgData with { MsgData = null }).ToProtobuf(time);
        if (ContentBytes() is not { } content) return null;
        var data = new MsgData
        {
            SendID = SendID ?? "",
            RecvID = RecvID ?? "",
            GroupID = GroupID ?? "",
            ClientMsgID = ClientMsgID is { Length: > 0 } ? ClientMsgID : Guid.NewGuid().ToString("N"),
            SenderNickname = SenderNickname ?? "",
            SenderFaceURL = SenderFaceURL ?? "",
            SenderPlatformID = SenderPlatformID,
            Content = UnsafeByteOperations.UnsafeWrap(content),
            ContentType = ContentType,
            SessionType = ContentType == ContentTypes.SystemNotice ? SessionTypes.System : SessionType,
            CreateTime = CreateTime > 0 ? CreateTime : time.GetUtcNow().ToUnixTimeMilliseconds(),
            AttachedInfo = AttachedInfo ?? "",
            Ex = Ex ?? "",
        };
        data.AtUserIDList.AddRange((AtUserIDList ?? []).OfType<string>());
        foreach (var (key, value) in Options ?? []) data.Options[key] = value;
        if (IsOnlineOnly) data.Options["history"] = false;
        if (NotOfflinePush) data.Options["offlinePush"] = false;
        if (OfflinePushInfo is { } push)
            data.OfflinePushInfo = new OfflinePushInfo { Title = push.Title ?? "", Desc = push.Desc ?? "", Ex = push.Ex ?? "", IOSPushSound = push.IOSPushSound ?? "", IOSBadgeCount = push.IOSBadgeCount };
        return data;
    }

    byte[]? ContentBytes() => Content.ValueKind switch
    {
        JsonValueKind.Object when ContentType == ContentTypes.SystemNotice => Translation.Content.Detail(Content).ToByteArray(),
        JsonValueKind.Object => Encoding.UTF8.GetBytes(Content.GetRawText()),
        JsonValueKind.String => Content.TryGetBytesFromBase64(out var bytes) ? bytes : null,
        _ => null,
    };
}

sealed record PushRequest(
    string? Title, string? Desc, string? Ex,
    [property: JsonPropertyName("iOSPushSound")] string? IOSPushSound,
    [property: JsonPropertyName("iOSBadgeCount")] bool IOSBadgeCount);
