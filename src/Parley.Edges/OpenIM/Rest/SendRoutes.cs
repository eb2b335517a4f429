using System.Text.Json;
using Parley.Core.Commands;
using Parley.Core.Sequencing;
using Parley.Core.Sessions;
using Parley.Core.Users;
using Parley.Edges.OpenIM.Translation;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.OpenIM.Rest;

/// <summary><c>/msg</c>: sending for back ends.</summary>
sealed class SendRoutes(Sequencer sequencer, RestUsers users, OpenIMOptions options, TimeProvider time)
{
    /// <summary>Users that a message for everyone is sent to between two looks at the state.</summary>
    const int UsersPerPage = 1_000;

    public void Map(RestRoutes routes)
    {
        routes.Map<SendRequest>("/msg/send_msg", RestAccess.TokenHolder, SendAsync);
        routes.Map<SendRequest>("/msg/batch_send_msg", RestAccess.Administrator, SendAllAsync);
        routes.Map<SimpleRequest>("/msg/send_simple_msg", RestAccess.Administrator, SendSimpleAsync);
        routes.Map<NotificationRequest>("/msg/send_business_notification", RestAccess.Administrator, NotifyAsync);
        // A message is kept before it is answered, so whoever got an answer has asked.
        routes.MapRaw("/msg/check_msg_is_send_success", RestAccess.Administrator, (_, _) => new(RestAnswer.Of(new { Status = 1 })));
    }

    async ValueTask<RestAnswer> SendAsync(RestCall call, SendRequest request)
    {
        if (request.ToProtobuf(time) is not { } data) return RestAnswer.Error(ErrorCodes.Arguments, "content is missing");
        return await users.ActAsync(call, data.SendID, async sender =>
        {
            var (answer, sent) = await SendAsync(call, sender, data);
            return sent is null ? answer : RestAnswer.Of(sent);
        });
    }

    async ValueTask<RestAnswer> SendAllAsync(RestCall call, SendRequest request)
    {
        if (request.ToProtobuf(time) is not { } data) return RestAnswer.Error(ErrorCodes.Arguments, "content is missing");
        var receivers = (request.RecvIDs ?? []).OfType<string>().ToArray();
        if (receivers.Length > options.MaxIdsPerRequest) return RestAnswer.Error(ErrorCodes.Arguments, $"more than {options.MaxIdsPerRequest} ids");
        return await users.ActAsync(call, data.SendID, async sender =>
        {
            var (results, failed) = (new List<object>(), new List<string>());
            await foreach (var receiver in request.IsSendAll ? EveryoneAsync(call.App, sender) : ThoseAsync(receivers))
            {
                var own = data.Clone();
                (own.RecvID, own.ClientMsgID) = (receiver, Guid.NewGuid().ToString("N"));
                var (answer, sent) = await SendAsync(call, sender, own);
                if (sent is null) failed.Add(receiver);
                else if (results.Count < options.MaxIdsPerRequest) results.Add(new { sent.ServerMsgID, sent.ClientMsgID, sent.SendTime, RecvID = receiver });
                if (answer.Code == ErrorCodes.Internal) return answer;
            }

            return RestAnswer.Of(new { Results = results, FailedUserIDs = failed });
        });
    }

    async ValueTask<RestAnswer> SendSimpleAsync(RestCall call, SimpleRequest request)
    {
        // Whom it is for came as base64 of JSON in the query; what is in the body counts first.
        if (request.SendID is not { Length: > 0 } sendId || (request.RecvID is null && request.GroupID is null)) return RestAnswer.Error(ErrorCodes.Arguments, "sendID, and recvID or groupID, are missing");
        return await SendAsync(call, new SendRequest
        {
            SendID = sendId,
            RecvID = request.RecvID,
            GroupID = request.GroupID,
            ContentType = ContentTypes.Text,
            SessionType = request.GroupID is { Length: > 0 } ? SessionTypes.Group : SessionTypes.Peer,
            Content = JsonSerializer.SerializeToElement(new { content = request.Content ?? "" }),
            OfflinePushInfo = request.OfflinePushInfo,
            Ex = request.Ex,
        });
    }

    async ValueTask<RestAnswer> NotifyAsync(RestCall call, NotificationRequest request)
    {
        if (request.RecvUserID is { Length: > 0 } == request.RecvGroupID is { Length: > 0 }) return RestAnswer.Error(ErrorCodes.Arguments, "name either recvUserID or recvGroupID");
        var sender = request.SendUserID is { Length: > 0 } id && id != options.AdminUserId ? id : "";
        var to = request.RecvUserID is { Length: > 0 } user ? Recipient.User(user) : Recipient.Group(request.RecvGroupID!);
        var outcome = await sequencer.SubmitAsync(new SendNotification(call.App, call.Actor, sender, to, request.Key ?? "", request.Data ?? "", request.ReliabilityLevel == 2) { Trace = call.OperationId });
        return outcome.IsAccepted
            ? RestAnswer.Of(new { ServerMsgID = MessageTranslation.ServerId(outcome.Position, call.OperationId), ClientMsgID = call.OperationId, SendTime = MessageTranslation.Milliseconds(outcome.Time) })
            : RestAnswer.Of(outcome.Refusal);
    }

    /// <returns>What was sent; null with the reason when it was not.</returns>
    async ValueTask<(RestAnswer Answer, SendMsgResp? Sent)> SendAsync(RestCall call, UserNumber sender, MsgData data)
    {
        if (SessionTypes.Fault(data.SessionType) is { } fault) return (RestAnswer.Error(fault.Code, fault.Text), null);
        data.MsgFrom = call.IsAdministrator ? MessageTranslation.FromSystem : MessageTranslation.FromUser;
        var platform = Platforms.IsKnown(data.SenderPlatformID) ? data.SenderPlatformID : Platforms.Administration;
        if (MessageTranslation.Read(data, sender, platform, out var reason) is not { } message) return (RestAnswer.Error(ErrorCodes.Arguments, reason!), null);
        var outcome = await sequencer.SubmitAsync(new SendMessage(call.App, call.Actor, message, SessionTypes.RecipientOf(data), AllowSelf: true) { Trace = call.OperationId });
        return outcome.IsAccepted
            ? (RestAnswer.Done, new SendMsgResp
            {
                ServerMsgID = MessageTranslation.ServerId(outcome.Position, message.ClientId),
                ClientMsgID = message.ClientId,
                SendTime = MessageTranslation.Milliseconds(outcome.Time),
            })
            : (RestAnswer.Of(outcome.Refusal), null);
    }

    async IAsyncEnumerable<string> EveryoneAsync(long app, UserNumber sender)
    {
        for (var start = 0; ; start += UsersPerPage)
        {
            var page = await sequencer.QueryAsync((state, _) =>
            {
                var all = state.App(app).Users;
                return all.Page(start, UsersPerPage).Where(user => user != sender).Select(all.IdOf).ToArray();
            });
            foreach (var id in page) yield return id;
            if (page.Length < UsersPerPage - 1) yield break;
        }
    }

    static async IAsyncEnumerable<string> ThoseAsync(IEnumerable<string> ids)
    {
        foreach (var id in ids) yield return id;
        await Task.CompletedTask;
    }

    sealed record SimpleRequest(string? SendID, string? RecvID, string? GroupID, string? Content, PushRequest? OfflinePushInfo, string? Ex);

    /// <param name="ReliabilityLevel">1 told once, 2 kept for devices that are away.</param>
    sealed record NotificationRequest(string? Key, string? Data, string? SendUserID, string? RecvUserID, string? RecvGroupID, int ReliabilityLevel);
}
