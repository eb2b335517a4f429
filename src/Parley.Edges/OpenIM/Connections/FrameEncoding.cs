using System.Buffers;
using System.Text;
using Google.Protobuf;
using Parley.Gateway;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.OpenIM.Connections;

/// <summary>How one connection wants its envelopes: gob or JSON, compressed or not.</summary>
readonly record struct FrameEncoding(bool IsJson, bool IsCompressed)
{
    /// <summary>Number of different encodings.</summary>
    public const int Count = 4;

    const int KeptBufferBytes = 256 << 10;

    [ThreadStatic]
    static ArrayBufferWriter<byte>? _payload, _envelope, _member;

    public int Index => (IsJson ? 1 : 0) + (IsCompressed ? 2 : 0);

    /// <exception cref="Wire.MalformedFrameException">Not a request in this encoding, or too large when decompressed.</exception>
    public RequestEnvelope Read(ReadOnlyMemory<byte> frame, int maxBytes)
    {
        if (IsCompressed) frame = GzipFrame.Decompress(frame, maxBytes);
        return IsJson ? JsonEnvelope.ReadRequest(frame) : GobEnvelope.ReadRequest(frame);
    }

    public void Write(FrameWriter output, RequestName name, int code, string text, IMessage? data)
        => output.Write(FrameKind.Binary, Encode(name, code, text, Payload(data)));

    public void Write(FrameWriter output, RequestName name, int code, string text, ReadOnlyMemory<byte> data)
        => output.Write(FrameKind.Binary, Encode(name, code, text, data));

    /// <summary>A frame of its own, to be shared.</summary>
    public byte[] Render(RequestName name, IMessage? data) => Encode(name, ErrorCodes.None, "", Payload(data)).ToArray();

    /// <summary>
    /// A push of one message or notification, the most frequent frame by far: <c>PushMessages { msgs: { conversationId: PullMsgs { Msgs: [message] } } }</c>, written around the message
    /// by hand because protobuf's own way computes the message's size once per level.
    /// </summary>
    public byte[] RenderPush(RequestName name, string conversationId, MsgData message, bool isNotification = false)
    {
        const byte msgs = (PushMessages.MsgsFieldNumber << 3) | 2, notifications = (PushMessages.NotificationMsgsFieldNumber << 3) | 2, key = (1 << 3) | 2, value = (2 << 3) | 2, list = (PullMsgs.MsgsFieldNumber << 3) | 2;
        var (size, keySize) = (message.CalculateSize(), Encoding.UTF8.GetByteCount(conversationId));
        var pullSize = SizeOf(size);
        var payload = Borrow(ref _payload);
        WriteTag(payload, isNotification ? notifications : msgs, SizeOf(keySize) + SizeOf(pullSize));
        WriteTag(payload, key, keySize);
        Encoding.UTF8.GetBytes(conversationId, payload);
        WriteTag(payload, value, pullSize);
        WriteTag(payload, list, size);
        message.WriteTo(payload.GetSpan(size)[..size]);
        payload.Advance(size);
        return Encode(name, ErrorCodes.None, "", payload.WrittenMemory).ToArray();
    }

    /// <summary>Of a length-delimited field with its tag.</summary>
    static int SizeOf(int length) => 1 + CodedOutputStream.ComputeLengthSize(length) + length;

    static void WriteTag(ArrayBufferWriter<byte> to, byte tag, int length)
    {
        var room = to.GetSpan(6);
        room[0] = tag;
        var at = 1;
        for (; length >= 128; length >>= 7) room[at++] = (byte)(length | 128);
        room[at++] = (byte)length;
        to.Advance(at);
    }

    static ReadOnlyMemory<byte> Payload(IMessage? data)
    {
        if (data is null) return default;
        var payload = Borrow(ref _payload);
        data.WriteTo(payload);
        return payload.WrittenMemory;
    }

    /// <summary>Borrowed from this thread until the next call.</summary>
    ReadOnlySpan<byte> Encode(RequestName name, int code, string text, ReadOnlyMemory<byte> data)
    {
        var envelope = Borrow(ref _envelope);
        var response = new ResponseEnvelope(name.ReqIdentifier, code, text, name.MsgIncr, name.OperationId, data);
        if (IsJson) JsonEnvelope.Write(envelope, response);
        else GobEnvelope.Write(envelope, response);
        if (!IsCompressed) return envelope.WrittenSpan;

        var member = Borrow(ref _member);
        GzipFrame.Compress(envelope.WrittenSpan, member);
        return member.WrittenSpan;
    }

    static ArrayBufferWriter<byte> Borrow(ref ArrayBufferWriter<byte>? buffer)
    {
        if (buffer is null || buffer.Capacity > KeptBufferBytes) return buffer = new ArrayBufferWriter<byte>(4 << 10);
        buffer.ResetWrittenCount();
        return buffer;
    }
}

/// <summary>What an answer repeats of its request.</summary>
/// <param name="MsgIncr">Empty in a push.</param>
readonly record struct RequestName(int ReqIdentifier, string MsgIncr, string OperationId)
{
    /// <summary>Longest text a client may have repeated.</summary>
    public const int MaxTextLength = 256;

    public int Size => 2 * (MsgIncr.Length + OperationId.Length);

    public bool IsTooLong => MsgIncr.Length > MaxTextLength || OperationId.Length > MaxTextLength;

    public static RequestName Of(in RequestEnvelope request) => new(request.ReqIdentifier, request.MsgIncr, request.OperationId);

    public static RequestName Push(int reqIdentifier, string operationId = "") => new(reqIdentifier, "", operationId);
}
