using System.Buffers;
using System.Text;
using Google.Protobuf;

namespace Parley.Rpc.Protocol;

/// <summary>How messages are written: protobuf, or its JSON.</summary>
abstract class MessageFormat(string name)
{
    public static readonly MessageFormat Proto = new ProtoFormat();
    public static readonly MessageFormat Json = new JsonFormat();

    /// <summary>As in content types.</summary>
    public string Name { get; } = name;

    /// <exception cref="RpcException">The bytes are no such message.</exception>
    public IMessage Read(MessageType parser, ReadOnlySequence<byte> bytes)
    {
        try
        {
            return Parse(parser, bytes);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidJsonException or DecoderFallbackException or FormatException or OverflowException)
        {
            throw new RpcException(RpcCode.InvalidArgument, $"the message is not what the method takes: {e.Message}", e);
        }
    }

    public abstract ReadOnlyMemory<byte> Write(IMessage message);

    protected abstract IMessage Parse(MessageType parser, ReadOnlySequence<byte> bytes);

    sealed class ProtoFormat() : MessageFormat("proto")
    {
        public override ReadOnlyMemory<byte> Write(IMessage message) => message.ToByteArray();

        protected override IMessage Parse(MessageType parser, ReadOnlySequence<byte> bytes) => parser.Parser.ParseFrom(bytes);
    }

    sealed class JsonFormat() : MessageFormat("json")
    {
        const int MaxDepth = 32;

        static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);
        static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true).WithRecursionLimit(MaxDepth));

        public override ReadOnlyMemory<byte> Write(IMessage message) => Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(message));

        // Nothing at all stands for a message without fields.
        protected override IMessage Parse(MessageType parser, ReadOnlySequence<byte> bytes)
            => Parser.Parse(bytes.IsEmpty ? "{}" : Strict.GetString(bytes), parser.Descriptor);
    }
}

/// <summary>A type of messages: what reads it from protobuf, and what describes it to JSON.</summary>
sealed record MessageType(MessageParser Parser, Google.Protobuf.Reflection.MessageDescriptor Descriptor);
