using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebSockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Parley.Gateway.WebSockets;

/// <summary>Turns requests into connections, watches over all of them with one timer, and drains them when the server stops.</summary>
public sealed class WebSocketGateway : IDisposable
{
    static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);

    readonly GatewayOptions _options;
    readonly GatewayMetrics _metrics;
    readonly TimeProvider _time;
    readonly WebSocketMiddleware _handshake;
    readonly ConcurrentDictionary<WebSocketConnection, bool> _connections = [];
    readonly CancellationTokenRegistration _stopping;
    readonly ITimer _timer;
    long _drainingSince;
    int _count;

    public WebSocketGateway(GatewayOptions options, GatewayMetrics metrics, TimeProvider time, IHostApplicationLifetime lifetime, ILoggerFactory loggers)
    {
        (_options, _metrics, _time) = (options, metrics, time);
        // The framework's own handshake, called per request instead of standing in the pipeline: so it finds the features that were exchanged before.
        _handshake = new WebSocketMiddleware(_ => Task.CompletedTask, Options.Create(new WebSocketOptions { KeepAliveInterval = TimeSpan.Zero }), loggers);
        _timer = time.CreateTimer(_ => Tick(), null, TickInterval, TickInterval);
        _stopping = lifetime.ApplicationStopping.Register(Drain);
    }

    /// <summary>Connections now open or about to be.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Takes a place for a connection that is about to be accepted.</summary>
    /// <returns>The place, to be given back; null when there is none: the request was answered 503.</returns>
    public IDisposable? TryTakePlace(HttpContext context, string edge)
    {
        if (Interlocked.Increment(ref _count) <= _options.MaxConnections && Volatile.Read(ref _drainingSince) == 0) return new Place(this);
        Interlocked.Decrement(ref _count);
        _metrics.Refused(edge);
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return null;
    }

    /// <summary>Whether the request asks for a WebSocket.</summary>
    public async Task<bool> IsWebSocketAsync(HttpContext context)
    {
        if (context.Features.Get<GatheringUpgrade>() is not null) return context.WebSockets.IsWebSocketRequest;
        var features = context.Features;
        var (upgrade, connect) = (features.Get<IHttpUpgradeFeature>(), features.Get<IHttpExtendedConnectFeature>());
        var gathering = new GatheringUpgrade(upgrade, connect, _time);
        features.Set(gathering);
        if (upgrade is not null) features.Set<IHttpUpgradeFeature>(gathering);
        if (connect is not null) features.Set<IHttpExtendedConnectFeature>(gathering);
        features.Set<IHttpWebSocketFeature>(null);
        await _handshake.Invoke(context);
        return context.WebSockets.IsWebSocketRequest;
    }

    /// <summary>Accepts the WebSocket and serves it until it ends. Compression of frames is declined: it would cost memory per connection.</summary>
    /// <param name="edge">Name of the edge, for metrics.</param>
    public async Task RunAsync(HttpContext context, string edge, FrameExchange exchange)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var stream = context.Features.Get<GatheringUpgrade>()!.Stream!;
        using var connection = new WebSocketConnection(context, socket, stream, exchange, edge, _options, _metrics, _time);
        _connections[connection] = true;
        _metrics.Opened(edge);
        try
        {
            if (Volatile.Read(ref _drainingSince) != 0) connection.Drain();
            await connection.RunAsync();
        }
        finally
        {
            _connections.TryRemove(connection, out _);
            _metrics.Closed(edge);
        }
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _timer.Dispose();
    }

    void Drain()
    {
        Volatile.Write(ref _drainingSince, Math.Max(1, _time.GetTimestamp()));
        foreach (var (connection, _) in _connections) connection.Drain();
    }

    void Tick()
    {
        var now = _time.GetTimestamp();
        var drainingSince = Volatile.Read(ref _drainingSince);
        var isOver = drainingSince != 0 && _time.GetElapsedTime(drainingSince, now) >= _options.DrainTimeout;
        foreach (var (connection, _) in _connections)
        {
            if (isOver) connection.Abort();
            else connection.Tick(now);
        }
    }

    sealed class Place(WebSocketGateway gateway) : IDisposable
    {
        int _isGivenBack;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isGivenBack, 1) == 0) Interlocked.Decrement(ref gateway._count);
        }
    }
}
