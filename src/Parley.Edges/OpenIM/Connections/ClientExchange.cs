using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using Parley.Core.Commands;
using Parley.Core.Notices;
using Parley.Core.Sequencing;
using Parley.Core.Sessions;
using Parley.Edges.OpenIM.Translation;
using Parley.Gateway;
using Parley.Wire;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.OpenIM.Connections;

/// <summary>
/// One client: its frames become commands and queries, its outbox becomes frames. Messages are posted and the next frame is read; their answers come through the
/// outbox, in committed order with the deliveries of the same batch, and so leave with them in one flush.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A SemaphoreSlim holds nothing to free while nobody asks for its wait handle; and Stop may come after the end.")]
sealed partial class ClientExchange : FrameExchange
{
    /// <summary>Answers of queries that may wait to be written: they can be large, and a client that asks without reading must not fill its own outbox.</summary>
    const int MaxAnswersWaiting = 2;

    /// <summary>Notices that may wait for their delay; more are told at once.</summary>
    const int MaxLate = 16;

    readonly Session _session;
    readonly string _userId;
    readonly FrameEncoding _encoding;
    readonly Sequencer _sequencer;
    readonly SocketQueries _queries;
    readonly Pushes _pushes;
    readonly OpenIMOptions _options;
    readonly ILogger _logger;
    readonly SemaphoreSlim _sends;
    readonly SemaphoreSlim _answers = new(MaxAnswersWaiting);
    readonly TimeProvider _clock;
    int _late;
    byte[]? _greeting;
    bool _isFinishing;

    public ClientExchange(Session session, string userId, FrameEncoding encoding, bool wantsGreeting, Sequencer sequencer, SocketQueries queries,
        Pushes pushes, OpenIMOptions options, TimeProvider clock, ILogger logger)
    {
        (_session, _userId, _encoding) = (session, userId, encoding);
        (_sequencer, _queries, _pushes, _options, _clock, _logger) = (sequencer, queries, pushes, options, clock, logger);
        _sends = new SemaphoreSlim(options.MaxRequestsInFlight);
        _greeting = wantsGreeting ? Handshake.Accepted : null;
    }

    public override WebSocketCloseStatus FinishStatus
        => _session.Outbox.HasOverflowed ? WebSocketCloseStatus.PolicyViolation : WebSocketCloseStatus.NormalClosure;

    bool IsAnswerPending => _sends.CurrentCount < _options.MaxRequestsInFlight;

    public override async ValueTask<WebSocketCloseStatus?> ReceiveAsync(FrameKind kind, ReadOnlyMemory<byte> frame, CancellationToken closing)
    {
        try
        {
            if (kind == FrameKind.Text)
            {
                AnswerText(frame);
                return null;
            }

            var request = _encoding.Read(frame, _options.MaxDecompressedBytes);
            var name = RequestName.Of(request);
            if (name.IsTooLong) return WebSocketCloseStatus.PolicyViolation;
            if (request.SendId != _userId) await AnswerAsync(name, RequestResult.Error(ErrorCodes.NoPermission, "sendID is not the user of this connection"), closing);
            else if (name.ReqIdentifier == Requests.SendMessage) await SendAsync(name, request.Data, closing);
            else await AnswerAsync(name, await _queries.AnswerAsync(_session, _userId, name.ReqIdentifier, request.Data), closing);
            return null;
        }
        catch (MalformedFrameException e)
        {
            Log.Malformed(_logger, e.Message);
            return WebSocketCloseStatus.InvalidPayloadData;
        }
    }

    public override ValueTask WaitAsync() => _session.Outbox.WaitAsync();

    public override WriteStep WriteNext(FrameWriter output)
    {
        if (_greeting is { } greeting)
        {
            output.Write(FrameKind.Text, greeting);
            _greeting = null;
            return WriteStep.Frame;
        }

        if (!_session.Outbox.TryTake(out var item) || item is null)
            return _session.Outbox.IsClosed || (_isFinishing && !IsAnswerPending) ? WriteStep.Finished : WriteStep.Nothing;
        switch (item)
        {
            case SendSubmission submission: Write(output, submission); break;
            case Answer answer: Write(output, answer); break;
            case TextAnswer text: output.Write(FrameKind.Text, text.Text); break;
            case KickedDelivery kicked:
                output.Write(FrameKind.Binary, _pushes.Render(kicked, _encoding, _session.User));
                _session.Outbox.Close();
                break;
            case NoticeDelivery { Notice: ContactNotice { Event: ContactEvent.Blocked or ContactEvent.Unblocked } } notice
                when _options.BlockListNoticeDelay > TimeSpan.Zero && Volatile.Read(ref _late) < MaxLate:
                _ = TellLaterAsync(notice);
                break;
            case LateDelivery late:
                output.Write(FrameKind.Binary, _pushes.Render(late.Delivery, _encoding, _session.User));
                break;
            case Delivery delivery:
                if (_pushes.Render(delivery, _encoding, _session.User) is { Length: > 0 } push) output.Write(FrameKind.Binary, push);
                break;
            case Farewell: _isFinishing = true; break;
        }

        return WriteStep.Frame;
    }

    public override void Drain() => _session.Outbox.TryAdd(new Farewell());

    public override void Stop()
    {
        _session.Outbox.Close();
        // What was in the outbox releases nothing any more, and the read loop may be waiting for it.
        _answers.Release();
        _sends.Release();
    }

    void AnswerText(ReadOnlyMemory<byte> frame)
    {
        var ping = TextPing.Read(frame);
        if (ping.IsPong) return;
        var pong = new ArrayBufferWriter<byte>();
        ping.ToPong().Write(pong);
        _session.Outbox.TryAdd(new TextAnswer(pong.WrittenSpan.ToArray()));
    }

    async ValueTask SendAsync(RequestName name, ReadOnlyMemory<byte> payload, CancellationToken closing)
    {
        if (Translate(name, payload, out var fault) is not { } command)
        {
            await AnswerAsync(name, fault, closing);
            return;
        }

        await _sends.WaitAsync(closing);
        await _sequencer.PostAsync(new SendSubmission(command, _session.Outbox, name), closing);
    }

    SendMessage? Translate(RequestName name, ReadOnlyMemory<byte> payload, out RequestResult fault)
    {
        fault = default;
        MsgData data;
        try
        {
            data = Payload.Read(MsgData.Parser, payload.Span);
        }
        catch (MalformedFrameException)
        {
            fault = RequestResult.Error(ErrorCodes.Arguments, "data is not a MsgData");
            return null;
        }

        if (data.SendID != _userId) fault = RequestResult.Error(ErrorCodes.NoPermission, "sendID is not the user of this connection");
        else if (SessionTypes.Fault(data.SessionType) is { } unknown) fault = unknown;
        else
        {
            data.MsgFrom = MessageTranslation.FromUser;
            var message = MessageTranslation.Read(data, _session.User, _session.Platform, out var reason);
            if (message is not null) return new SendMessage(_session.App, Actor.Of(_session.User), message, SessionTypes.RecipientOf(data), AllowSelf: true) { Trace = name.OperationId };
            fault = RequestResult.Error(ErrorCodes.Arguments, reason!);
        }

        return null;
    }

    async ValueTask AnswerAsync(RequestName name, RequestResult result, CancellationToken closing)
    {
        await _answers.WaitAsync(closing);
        _session.Outbox.TryAdd(new Answer(name, result, name.ReqIdentifier == Requests.Logout && result.Code == ErrorCodes.None, _answers));
    }

    async Task TellLaterAsync(NoticeDelivery notice)
    {
        Interlocked.Increment(ref _late);
        await Task.Delay(_options.BlockListNoticeDelay, _clock);
        Interlocked.Decrement(ref _late);
        _session.Outbox.TryAdd(new LateDelivery(notice));
    }

    void Write(FrameWriter output, SendSubmission submission)
    {
        _sends.Release();
        var outcome = submission.Outcome;
        if (outcome.IsAccepted)
        {
            _encoding.Write(output, submission.Name, ErrorCodes.None, "", new SendMsgResp
            {
                ServerMsgID = MessageTranslation.ServerId(outcome.Position, submission.ClientId),
                ClientMsgID = submission.ClientId,
                SendTime = MessageTranslation.Milliseconds(outcome.Time),
            });
            return;
        }

        var (code, text) = Refusals.Of(outcome.Refusal);
        _encoding.Write(output, submission.Name, code, text, default(ReadOnlyMemory<byte>));
    }

    void Write(FrameWriter output, Answer answer)
    {
        _encoding.Write(output, answer.Name, answer.Code, answer.Text, answer.Data);
        answer.Release?.Release();
        if (answer.IsLast) _session.Outbox.Close();
    }

    static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Closing an OpenIM connection: {Fault}")]
        public static partial void Malformed(ILogger logger, string fault);
    }
}
