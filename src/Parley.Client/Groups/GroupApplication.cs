using System.Text.Json;
using Parley.Client.Api;

namespace Parley.Client.Groups;

/// <summary>Someone asks to be let into a group.</summary>
/// <param name="AnswererId">Empty while it is open.</param>
/// <param name="InviterId">Empty when the user asked on their own.</param>
/// <param name="Extra">The application's text.</param>
public sealed record GroupApplication(
    Group Group, string UserId, string Nickname, string Message, RequestAnswer Answer, string AnswerMessage, string AnswererId, string InviterId,
    DateTimeOffset? RequestedAt, DateTimeOffset? AnsweredAt, string Extra)
{
    internal static GroupApplication Read(JsonElement from)
    {
        var user = from.Part("userInfo");
        return new(
            Group.Read(from.Part("groupInfo")), user.Text("userID"), user.Text("nickname"), from.Text("reqMsg"), (RequestAnswer)from.Small("handleResult"),
            from.Text("handleMsg"), from.Text("handleUserID"), from.Text("inviterUserID"), from.Time("reqTime"), from.Time("handleTime"), from.Text("ex"));
    }
}
