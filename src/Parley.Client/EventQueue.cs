using System.Threading.Channels;

namespace Parley.Client;

/// <summary>The bounded queue to the application.</summary>
sealed class EventQueue(int length)
{
    readonly Channel<ParleyEvent> _channel = Channel.CreateBounded<ParleyEvent>(length);

    public ChannelReader<ParleyEvent> Reader => _channel.Reader;

    /// <summary>Waits for room: for what only the syncer tells, which can wait itself.</summary>
    public ValueTask WriteAsync(ParleyEvent what, CancellationToken ct) => _channel.Writer.WriteAsync(what, ct);

    /// <summary>Dropped while there is no room: for what the connection or the store tell as well, and must not wait for a slow application.</summary>
    public void Tell(ParleyEvent what) => _channel.Writer.TryWrite(what);

    public void Complete(Exception? error = null) => _channel.Writer.TryComplete(error);
}
