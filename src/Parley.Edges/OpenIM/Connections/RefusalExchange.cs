using System.Net.WebSockets;
using Parley.Gateway;

namespace Parley.Edges.OpenIM.Connections;

/// <summary>Tells a client that can only read frames why it may not connect, and closes.</summary>
sealed class RefusalExchange(byte[] answer) : FrameExchange
{
    bool _wasSaid;

    public override WebSocketCloseStatus FinishStatus => WebSocketCloseStatus.PolicyViolation;

    public override ValueTask<WebSocketCloseStatus?> ReceiveAsync(FrameKind kind, ReadOnlyMemory<byte> frame, CancellationToken closing) => new(FinishStatus);

    public override ValueTask WaitAsync() => ValueTask.CompletedTask;

    public override WriteStep WriteNext(FrameWriter output)
    {
        if (_wasSaid) return WriteStep.Finished;
        _wasSaid = true;
        output.Write(FrameKind.Text, answer);
        return WriteStep.Frame;
    }

    public override void Drain()
    {
    }

    public override void Stop()
    {
    }
}
