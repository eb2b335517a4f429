namespace Parley.Client.Connection;

enum FrameKind { Text, Binary, Closed }

/// <param name="Bytes">Belongs to whoever received it. Empty when <see cref="FrameKind.Closed"/>.</param>
readonly record struct TransportFrame(FrameKind Kind, ReadOnlyMemory<byte> Bytes);

/// <summary>Carries whole frames both ways. One receiver and one sender at a time.</summary>
interface ITransport : IAsyncDisposable
{
    /// <exception cref="TransportException">The connection broke, or a frame was larger than the transport was made for.</exception>
    ValueTask<TransportFrame> ReceiveAsync(CancellationToken ct);

    /// <param name="bytes">Borrowed until the task completes.</param>
    /// <exception cref="TransportException">The connection broke.</exception>
    ValueTask SendAsync(FrameKind kind, ReadOnlyMemory<byte> bytes, CancellationToken ct);
}

/// <exception cref="TransportException">Nobody there, or no WebSocket.</exception>
delegate Task<ITransport> ConnectTransport(Uri address, CancellationToken ct);

/// <summary>A connection failed in a way that a new one may mend.</summary>
sealed class TransportException(string message, Exception? inner = null) : IOException(message, inner);
