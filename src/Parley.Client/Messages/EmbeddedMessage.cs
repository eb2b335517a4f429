using System.Text.Json.Nodes;

namespace Parley.Client.Messages;

/// <summary>A message within the content of another: quoted or passed on.</summary>
static class EmbeddedMessage
{
    const string Quoted = "quoteMessage";
    const int FromUser = 100;

    public static JsonNode Write(Message message)
    {
        var written = new JsonObject
        {
            ["clientMsgID"] = message.ClientMessageId,
            ["serverMsgID"] = message.ServerMessageId,
            ["createTime"] = message.SentAt.ToUnixTimeMilliseconds(),
            ["sendTime"] = message.SentAt.ToUnixTimeMilliseconds(),
            ["sessionType"] = message.GroupId.Length > 0 ? Recipient.GroupSession : Recipient.UserSession,
            ["sendID"] = message.SenderId,
            ["senderNickname"] = message.SenderName,
            ["recvID"] = message.RecipientId,
            ["groupID"] = message.GroupId,
            ["msgFrom"] = FromUser,
            ["contentType"] = message.ContentType,
            ["content"] = message.Content,
            ["seq"] = message.Sequence,
            ["isRead"] = true,
            ["status"] = (int)MessageState.Sent,
        };
        if (ContentJson.Read(message.Content) is { } content) written[ContentTypes.ElementOf(message.ContentType)] = content;
        return written;
    }

    /// <returns>Content that quotes a message, with nothing left of that; null when it does not.</returns>
    public static byte[]? WithoutQuote(int contentType, string content, string clientId)
    {
        if (contentType is not (ContentTypes.Quote or ContentTypes.Mention)) return null;
        if (ContentJson.Read(content) is not { } outer || outer[Quoted] is not JsonObject quoted) return null;
        if (quoted["clientMsgID"] is not JsonValue id || !id.TryGetValue(out string? quotedId) || quotedId != clientId) return null;
        outer[Quoted] = new JsonObject { ["clientMsgID"] = clientId, ["contentType"] = ContentTypes.Recalled, ["content"] = "" };
        return ContentJson.Write(outer);
    }
}
