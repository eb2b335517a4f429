using System.Net;
using System.Net.Sockets;

namespace Parley.Rpc.Tests.Replication;

/// <summary>A relay on loopback whose connections can be cut all at once.</summary>
sealed class CutLink : IAsyncDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _stopping = new();
    readonly IPEndPoint _target;
    readonly Task _accepting;
    CancellationTokenSource _connections = new();

    public CutLink(Uri target)
    {
        _target = new IPEndPoint(IPAddress.Loopback, target.Port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Ends what is connected; new connections are taken.</summary>
    public async Task CutAsync()
    {
        using var cut = Interlocked.Exchange(ref _connections, new CancellationTokenSource());
        await cut.CancelAsync();
    }

    async Task AcceptAsync()
    {
        try
        {
            while (true) _ = RelayAsync(await _listener.AcceptTcpClientAsync(_stopping.Token), _connections.Token);
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    async Task RelayAsync(TcpClient near, CancellationToken cut)
    {
        using var far = new TcpClient();
        try
        {
            await far.ConnectAsync(_target, cut);
            await Task.WhenAny(near.GetStream().CopyToAsync(far.GetStream(), cut), far.GetStream().CopyToAsync(near.GetStream(), cut));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
        {
            // Cut, or one of both has gone.
        }

        near.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await CutAsync();
        await _accepting;
        _listener.Dispose();
        _connections.Dispose();
        _stopping.Dispose();
    }
}
