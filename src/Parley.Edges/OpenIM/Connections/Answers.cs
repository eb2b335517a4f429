using Parley.Core.Commands;
using Parley.Core.Sessions;

namespace Parley.Edges.OpenIM.Connections;

/// <summary>A message on its way through the sequencer, with what its answer repeats.</summary>
sealed class SendSubmission(SendMessage command, Outbox replyTo, RequestName name) : Submission(command, replyTo: replyTo)
{
    public RequestName Name { get; } = name;

    public string ClientId => ((SendMessage)Command).Message.ClientId;

    public override int Size => base.Size + Name.Size;
}

/// <summary>The answer to a request that was carried out on the read loop.</summary>
/// <param name="isLast">The connection closes after it.</param>
/// <param name="release">Called once the answer has left the outbox; null when nobody waits for that.</param>
sealed class Answer(RequestName name, in RequestResult result, bool isLast = false, SemaphoreSlim? release = null) : Outgoing
{
    public RequestName Name { get; } = name;
    public int Code { get; } = result.Code;
    public string Text { get; } = result.Text;
    public ReadOnlyMemory<byte> Data { get; } = result.Data;
    public bool IsLast { get; } = isLast;
    public SemaphoreSlim? Release { get; } = release;
    public override int Size => 128 + Name.Size + Data.Length;
}

/// <summary>A text frame: the verdict on a handshake, or a pong.</summary>
sealed class TextAnswer(byte[] text) : Outgoing
{
    public byte[] Text { get; } = text;
    public override int Size => 32 + Text.Length;
}

/// <summary>The server is stopping: the connection ends once what is under way has been answered.</summary>
sealed class Farewell : Outgoing
{
    public override int Size => 32;
}

/// <summary>A delivery whose delay is over.</summary>
sealed class LateDelivery(NoticeDelivery delivery) : Outgoing
{
    public NoticeDelivery Delivery { get; } = delivery;
    public override int Size => Delivery.Size;
}
