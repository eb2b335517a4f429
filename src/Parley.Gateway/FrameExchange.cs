using System.Net.WebSockets;

namespace Parley.Gateway;

public enum FrameKind
{
    Text = 1,
    Binary = 2,
}

public enum WriteStep
{
    /// <summary>There is nothing to write now; wait.</summary>
    Nothing,

    /// <summary>A frame was written; there may be more.</summary>
    Frame,

    /// <summary>There will be nothing more: close.</summary>
    Finished,
}

/// <summary>An edge's side of one connection: takes the frames that come in, and has the frames that are to go out.</summary>
/// <remarks>One read loop calls <see cref="ReceiveAsync"/>, one write loop the writing members; <see cref="Drain"/> and <see cref="Stop"/> come from anywhere.</remarks>
public abstract class FrameExchange
{
    /// <summary>Said to the client when the exchange finishes by itself.</summary>
    public abstract WebSocketCloseStatus FinishStatus { get; }

    /// <summary>Takes one whole frame. Nothing more is read until the task completes: that is the back-pressure.</summary>
    /// <param name="frame">Borrowed until the task completes.</param>
    /// <param name="closing">The connection is gone.</param>
    /// <returns>Null to go on, or the reason to close.</returns>
    public abstract ValueTask<WebSocketCloseStatus?> ReceiveAsync(FrameKind kind, ReadOnlyMemory<byte> frame, CancellationToken closing);

    /// <summary>Waits until <see cref="WriteNext"/> may have something else to say than <see cref="WriteStep.Nothing"/>.</summary>
    public abstract ValueTask WaitAsync();

    /// <summary>Writes the next frame, if there is one. Everything available goes out in one flush.</summary>
    public abstract WriteStep WriteNext(FrameWriter output);

    /// <summary>The server is stopping: no more frames will come in; what is under way is still written, then the exchange finishes.</summary>
    public abstract void Drain();

    /// <summary>Nothing can be written any more: finishes at once. May be called more than once.</summary>
    public abstract void Stop();
}

/// <summary>Where an exchange writes its frames.</summary>
public abstract class FrameWriter
{
    /// <summary>Adds a whole frame to the next flush; its bytes are copied.</summary>
    public abstract void Write(FrameKind kind, ReadOnlySpan<byte> frame);
}
