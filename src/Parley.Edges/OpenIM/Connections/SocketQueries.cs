using System.Globalization;
using Google.Protobuf;
using Parley.Core.Commands;
using Parley.Core.Sequencing;
using Parley.Core.Sessions;
using Parley.Core.Users;
using Parley.Edges.OpenIM.Sync;
using Parley.Wire;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.OpenIM.Connections;

/// <summary>Everything a client asks on its connection, but for sending.</summary>
sealed class SocketQueries(Sequencer sequencer, SequenceQueries sequences, HistoryQueries history)
{
    public async ValueTask<RequestResult> AnswerAsync(Session session, string userId, int reqIdentifier, ReadOnlyMemory<byte> payload)
    {
        try
        {
            switch (reqIdentifier)
            {
                case Requests.NewestSeq:
                    var newest = Payload.Read(GetMaxSeqReq.Parser, payload.Span);
                    return Judge(newest.UserID, userId) ?? RequestResult.Of(await sequences.NewestAsync(session.App, session.User, userId));
                case Requests.HasReadAndMaxSeq:
                    var marks = Payload.Read(GetConversationsHasReadAndMaxSeqReq.Parser, payload.Span);
                    return Judge(marks.UserID, userId) ?? Of(await sequences.HasReadAndMaxAsync(session.App, session.User, marks));
                case Requests.PullBySeqRange:
                    var ranges = Payload.Read(PullMessageBySeqsReq.Parser, payload.Span);
                    return Judge(ranges.UserID, userId) ?? Of(await history.PullAsync(session.App, session.User, ranges));
                case Requests.PullBySeqList:
                    var list = Payload.Read(GetSeqMessageReq.Parser, payload.Span);
                    return Judge(list.UserID, userId) ?? Of(await history.PullAsync(session.App, session.User, list));
                case Requests.LastMessage:
                    var last = Payload.Read(GetLastMessageReq.Parser, payload.Span);
                    return Judge(last.UserID, userId) ?? Of(await history.LastAsync(session.App, session.User, last));
                case Requests.SetBackground:
                    var background = Payload.Read(SetAppBackgroundStatusReq.Parser, payload.Span);
                    return Judge(background.UserID, userId) ?? await AdjustAsync(session, background.IsBackground, [], []);
                case Requests.SubscribeOnlineStatus:
                    return await SubscribeAsync(session, Payload.Read(SubUserOnlineStatus.Parser, payload.Span));
                case Requests.Logout:
                    var logout = Payload.Read(DelUserPushTokenReq.Parser, payload.Span);
                    return Judge(logout.UserID, userId) ?? await ForgetPushTokenAsync(session, userId);
                case Requests.SendSignal:
                    return RequestResult.Error(ErrorCodes.Arguments, "signalling is not offered by this server");
                default:
                    return RequestResult.Error(ErrorCodes.Arguments, "unknown reqIdentifier");
            }
        }
        catch (MalformedFrameException)
        {
            // The envelope was whole, so the client can be told and the connection goes on.
            return RequestResult.Error(ErrorCodes.Arguments, "data is not what this request wants");
        }
    }

    async ValueTask<RequestResult> SubscribeAsync(Session session, SubUserOnlineStatus request)
    {
        var adjusted = await AdjustAsync(session, null, [.. request.SubscribeUserID], [.. request.UnsubscribeUserID]);
        if (adjusted.Code != ErrorCodes.None || request.SubscribeUserID.Count == 0) return adjusted;

        var tips = await sequencer.QueryAsync((state, sessions) =>
        {
            var users = state.App(session.App).Users;
            var tips = new SubUserOnlineStatusTips();
            foreach (var id in request.SubscribeUserID)
            {
                var status = new SubUserOnlineStatusElem { UserID = id };
                if (users.TryFind(id, out var user)) status.OnlinePlatformIDs.AddRange(sessions.PlatformsOf(session.App, user));
                tips.Subscribers.Add(status);
            }

            return tips;
        });
        return RequestResult.Of(tips);
    }

    /// <summary>Who has logged out is not to be woken by a vendor any more.</summary>
    async ValueTask<RequestResult> ForgetPushTokenAsync(Session session, string userId)
    {
        var key = session.Platform.ToString(CultureInfo.InvariantCulture);
        var outcome = await sequencer.SubmitAsync(new SetUserValue(session.App, Actor.Of(session.User), userId, UserValueSpace.PushToken, key, null));
        return RequestResult.Of(outcome.Refusal);
    }

    async ValueTask<RequestResult> AdjustAsync(Session session, bool? isBackground, IReadOnlyList<string> watch, IReadOnlyList<string> unwatch)
    {
        var outcome = await sequencer.SubmitAsync(new AdjustSession(session.App, Actor.Of(session.User), isBackground, watch, unwatch), session);
        return RequestResult.Of(outcome.Refusal);
    }

    static RequestResult? Judge(string asked, string userId)
        => asked == userId ? null : RequestResult.Error(ErrorCodes.NoPermission, "userID is not the user of this connection");

    static RequestResult Of(IMessage? data) => data is null ? RequestResult.Error(ErrorCodes.Arguments, "too many conversations in one request") : RequestResult.Of(data);
}
