using System.Text.Json;
using Parley.Client.Api;

namespace Parley.Client.Contacts;

/// <summary>One user asks another to become friends.</summary>
/// <param name="Extra">The application's text.</param>
public sealed record FriendRequest(
    string FromUserId, string ToUserId, string Message, RequestAnswer Answer, string AnswerMessage, DateTimeOffset? RequestedAt, DateTimeOffset? AnsweredAt, string Extra)
{
    internal static FriendRequest Read(JsonElement from) => new(
        from.Text("fromUserID"), from.Text("toUserID"), from.Text("reqMsg"), (RequestAnswer)from.Small("handleResult"), from.Text("handleMsg"),
        from.Time("createTime"), from.Time("handleTime"), from.Text("ex"));
}
