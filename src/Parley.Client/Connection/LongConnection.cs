using Google.Protobuf;
using Parley.Client.Envelopes;
using Parley.Wire;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Client.Connection;

/// <summary>
/// Keeps one <see cref="Link"/> to the server for as long as the login lasts: dials, shakes hands, waits and dials again. Its members may be called by any thread.
/// </summary>
sealed class LongConnection(
    ParleyClientOptions options, ConnectTransport connect, TokenSource tokens, EventQueue events, Action connected, Action<PushMessages, int> pushed,
    Action<SubUserOnlineStatusTips> presence)
{
    readonly IEncoder _encoder = options.Encoding == EnvelopeEncoding.Json ? new JsonEncoder() : new GobEncoder();
    readonly ICompressor _compressor = options.Compress ? new GzipCompressor() : new NoCompressor();
    readonly BackOff _backOff = new(options.BackOff, options.BackOffJitter, options.Random);
    readonly Lock _turn = new();
    TaskCompletionSource<Link> _link = new(TaskCreationOptions.RunContinuationsAsynchronously);
    ConnectionState _state = ConnectionState.Offline;

    public ConnectionState State { get { lock (_turn) return _state; } }

    /// <summary>Completes at once while there is a connection, else with the next one.</summary>
    public Task WhenConnectedAsync(CancellationToken ct) => CurrentLink.WaitAsync(ct);

    /// <summary>Asks the server over the present connection; does not wait for one.</summary>
    /// <exception cref="ParleyException">Declined, timed out, or no connection.</exception>
    public async Task<ReadOnlyMemory<byte>> RequestAsync(int reqIdentifier, IMessage body, CancellationToken ct)
    {
        if (CurrentLink is not { IsCompletedSuccessfully: true } current) throw new ParleyException(ParleyException.NotConnected, "There is no connection.");
        var link = current.Result;
        try { return await link.RequestAsync(reqIdentifier, body, ct); }
        catch (ParleyException e) when (e.Code == ParleyException.NotConnected)
        {
            // We may know it before our loop does; whoever now waits for a connection must wait for the next one.
            Lose(link);
            throw;
        }
    }

    Task<Link> CurrentLink { get { lock (_turn) return _link.Task; } }

    /// <summary>Connects and reconnects until cancelled, or until the server ends the login.</summary>
    /// <exception cref="LoginEndedException">Kicked, or the token is refused.</exception>
    public async Task RunAsync(CancellationToken ct)
    {
        while (true)
        {
            Change(ConnectionState.Connecting, null);
            try { await ServeOneAsync(ct); }
            // Whatever a server, a network or a token source did wrong: the next attempt may find it mended.
            catch (Exception e) when (e is TransportException or MalformedFrameException) { Change(ConnectionState.Offline, e.Message); }
            await Task.Delay(_backOff.Next(), options.TimeProvider, ct);
        }
    }

    /// <summary>Tells the end, after which no state changes any more.</summary>
    public void Stop(string reason)
    {
        Change(ConnectionState.Stopped, reason);
    }

    async Task ServeOneAsync(CancellationToken ct)
    {
        await using var transport = await DialAsync(ct);
        var link = new Link(transport, _encoder, _compressor, options, pushed, presence);
        await WithinConnectTimeout(async limit => { await link.ShakeHandsAsync(limit); return true; }, ct);
        _backOff.Reset();
        // The reader runs before anyone may ask, so that no answer waits for the application to take its events.
        var serving = link.RunAsync(ct);
        lock (_turn)
        {
            // Together, so that nobody learns of the connection before it can be used, nor the other way round.
            _link.TrySetResult(link);
            Change(ConnectionState.Connected, null);
        }
        connected();
        try { await serving; }
        finally { Lose(link); }
    }

    async Task<ITransport> DialAsync(CancellationToken ct) => await WithinConnectTimeout(async limit =>
    {
        var token = await tokens.RenewAsync(limit);
        return await connect(ConnectionAddress.Build(options, token, Guid.NewGuid().ToString("N"), _encoder, _compressor), limit);
    }, ct);

    async Task<T> WithinConnectTimeout<T>(Func<CancellationToken, Task<T>> work, CancellationToken ct)
    {
        using var deadline = new CancellationTokenSource(options.ConnectTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
        try { return await work(either.Token); }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new TransportException($"No connection within {options.ConnectTimeout.TotalSeconds:0.#} s.", e);
        }
    }

    void Lose(Link link)
    {
        lock (_turn)
        {
            if (_link.Task is { IsCompletedSuccessfully: true } current && current.Result == link) _link = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    void Change(ConnectionState state, string? reason)
    {
        lock (_turn)
        {
            if (_state == ConnectionState.Stopped || _state == state) return;
            _state = state;
            // Within the turn, so that events tell the states in their order.
            events.Tell(new ParleyEvent.ConnectionChanged(state, reason));
        }
    }
}
