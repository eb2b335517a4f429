using System.Threading.Channels;
using Parley.Client.Connection;

namespace Parley.Client.Tests.Peer;

/// <summary>Two transports that are each other's far end, in memory.</summary>
sealed class Duplex : ITransport
{
    readonly ChannelReader<TransportFrame> _incoming;
    readonly ChannelWriter<TransportFrame> _outgoing;

    Duplex(ChannelReader<TransportFrame> incoming, ChannelWriter<TransportFrame> outgoing) => (_incoming, _outgoing) = (incoming, outgoing);

    public static (Duplex Client, Duplex Server) Pair()
    {
        var (up, down) = (Channel.CreateUnbounded<TransportFrame>(), Channel.CreateUnbounded<TransportFrame>());
        return (new Duplex(down.Reader, up.Writer), new Duplex(up.Reader, down.Writer));
    }

    public async ValueTask<TransportFrame> ReceiveAsync(CancellationToken ct)
    {
        try { return await _incoming.ReadAsync(ct); }
        catch (ChannelClosedException) { return new TransportFrame(FrameKind.Closed, default); }
    }

    public ValueTask SendAsync(FrameKind kind, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        if (!_outgoing.TryWrite(new TransportFrame(kind, bytes.ToArray()))) throw new TransportException("The far end has gone.");
        return ValueTask.CompletedTask;
    }

    public void End() => _outgoing.TryComplete();

    public ValueTask DisposeAsync()
    {
        End();
        return ValueTask.CompletedTask;
    }
}
