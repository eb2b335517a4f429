using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Parley.Core;
using Parley.Rpc.Protocol;
using Parley.Store;

namespace Parley.Rpc.Server;

/// <summary>Serves the methods of a service, whatever protocol a call comes in: bounds, deadline, token, then the method.</summary>
sealed partial class RpcServer(Callers callers, RpcOptions options, RpcMetrics metrics, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<RpcServer> logger)
{
    static readonly RpcFault Gone = new(RpcCode.Canceled, "the caller has gone");

    int _calls;
    int _streams;

    /// <summary>Calls under way, streams apart.</summary>
    public int OpenCalls => Volatile.Read(ref _calls);

    /// <summary>Streams open now.</summary>
    public int OpenStreams => Volatile.Read(ref _streams);

    /// <param name="method">Null for one that the service does not have.</param>
    public async Task ServeAsync(HttpContext http, RpcMethod? method)
    {
        if (Exchange.Open(http, options.MaxMessageBytes) is not { } exchange)
        {
            http.Response.Headers["Accept-Post"] = Exchange.ContentTypes;
            http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        // gRPC without trailers could not even say what is wrong.
        if (exchange is GrpcExchange && !HttpProtocol.IsHttp2(http.Request.Protocol))
        {
            http.Response.StatusCode = StatusCodes.Status505HttpVersionNotsupported;
            return;
        }

        var started = time.GetTimestamp();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        RpcFault? fault;
        try
        {
            fault = await AnswerAsync(exchange, method, ending);
        }
        catch (RpcException e)
        {
            fault = e.Fault;
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            fault = http.RequestAborted.IsCancellationRequested ? Gone
                : lifetime.ApplicationStopping.IsCancellationRequested ? RpcFault.Of(Refusal.Stopping)
                : new RpcFault(RpcCode.DeadlineExceeded, "the caller's time is over");
        }
        catch (BadHttpRequestException e)
        {
            fault = new RpcFault(RpcCode.InvalidArgument, e.Message);
        }
        catch (CorruptRecordException e)
        {
            Log.Failed(logger, e, http.Request.Path);
            fault = new RpcFault(RpcCode.DataLoss, "a record on the way is damaged; the server's log says which");
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested)
        {
            Log.Failed(logger, e, http.Request.Path);
            fault = new RpcFault(RpcCode.Internal, "the server failed; its log says why");
        }
        catch (IOException)
        {
            fault = Gone;
        }

        metrics.Ended(method?.Name ?? "unknown", fault?.Code ?? RpcCode.Ok);
        if (method?.Stream is null) metrics.Took(time.GetElapsedTime(started));
        try
        {
            if (!http.RequestAborted.IsCancellationRequested) await exchange.EndAsync(fault, http.RequestAborted);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException && http.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone, just now.
        }
    }

    async ValueTask<RpcFault?> AnswerAsync(Exchange exchange, RpcMethod? method, CancellationTokenSource ending)
    {
        if (method is null) return new RpcFault(RpcCode.Unimplemented, "there is no such method");
        var isStream = method.Stream is not null;
        if (isStream ? !exchange.IsForStreams : !exchange.IsForUnary) return new RpcFault(RpcCode.Unimplemented, $"the method is called as a {(isStream ? "stream" : "single message")}");
        using var deadline = exchange.ReadTimeout() is { } timeout ? new CancellationTokenSource(timeout, time) : null;
        using var onDeadline = deadline?.Token.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), ending);

        var isAdmitted = isStream ? Interlocked.Increment(ref _streams) <= options.MaxStreams : Interlocked.Increment(ref _calls) <= options.MaxCalls;
        try
        {
            if (!isAdmitted) return new RpcFault(RpcCode.ResourceExhausted, $"more than {(isStream ? options.MaxStreams : options.MaxCalls)} {(isStream ? "streams" : "calls")} at a time");
            if (isStream) metrics.StreamOpened();
            // First of all the token: who has none is not listened to.
            if (await JudgeAsync(method, exchange, null) is { } unknown) return unknown;
            var request = await exchange.ReadAsync(method.Request, ending.Token);
            if (isStream) return await StreamAsync(exchange, method, method.ScopeOf(request), method.Stream!(request, ending.Token), ending.Token);
            if (await JudgeAsync(method, exchange, method.ScopeOf(request)) is { } no) return no;
            return await AnswerAsync(exchange, method.Unary!(request, ending.Token), ending.Token);
        }
        finally
        {
            if (isStream && isAdmitted) metrics.StreamClosed();
            if (isStream) Interlocked.Decrement(ref _streams);
            else Interlocked.Decrement(ref _calls);
        }
    }

    static async ValueTask<RpcFault?> AnswerAsync(Exchange exchange, ValueTask<RpcAnswer> answering, CancellationToken cancellation)
    {
        var answer = await answering;
        if (answer.Fault is null) await exchange.WriteAsync(answer.Message!, cancellation);
        return answer.Fault;
    }

    ValueTask<RpcFault?> JudgeAsync(RpcMethod method, Exchange exchange, CallScope? scope) => (method.Judge ?? callers.JudgeAsync)(exchange.Http.Request, scope);

    async ValueTask<RpcFault?> StreamAsync(Exchange exchange, RpcMethod method, CallScope? scope, IAsyncEnumerable<Google.Protobuf.IMessage> messages, CancellationToken cancellation)
    {
        await foreach (var message in messages.WithCancellation(cancellation))
        {
            // A stream may outlive the token that opened it.
            if (await JudgeAsync(method, exchange, scope) is { } no) return no;
            await exchange.WriteAsync(message, cancellation);
        }

        return null;
    }

    static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "RPC call {Path} failed")]
        public static partial void Failed(ILogger logger, Exception error, string path);
    }
}
