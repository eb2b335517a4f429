using System.Buffers;
using Parley.Rpc.Protocol;

namespace Parley.Rpc.Tests.Protocol;

public sealed class EnvelopeCodecTests
{
    static readonly EnvelopeCodec Codec = new(maxMessageBytes: 1_024);

    [Fact]
    public void Reads_an_envelope_however_the_network_cuts_it()
    {
        byte[] bytes = [0, 0, 0, 0, 2, (byte)'h', (byte)'i', /* the next */ 1, 0, 0, 0, 0, 3];
        for (var size = 1; size <= bytes.Length; size++)
        {
            var input = Pieces.Of(bytes, size);
            Assert.True(Codec.TryRead(ref input, out var first));
            Assert.True(Codec.TryRead(ref input, out var second));
            Assert.Equal("hi"u8, first.Message.ToArray());
            Assert.Equal((0, 1, 0L), ((int)first.Flags, (int)second.Flags, second.Message.Length));
            Assert.Equal([3], input.ToArray());
        }
    }

    [Fact]
    public void Waits_for_the_rest_and_leaves_what_is_there()
    {
        byte[] bytes = [0, 0, 0, 0, 3, 7, 8, 9];
        for (var length = 0; length < bytes.Length; length++)
        {
            var input = Pieces.Of(bytes[..length], 2);
            Assert.False(Codec.TryRead(ref input, out _));
            Assert.Equal(bytes[..length], input.ToArray());
        }
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 4, 1 })]
    [InlineData(new byte[] { 0, 0xff, 0xff, 0xff, 0xff })]
    [InlineData(new byte[] { 0, 0x80, 0, 0, 0 })]
    public void More_than_is_allowed_is_refused_before_it_comes(byte[] header)
    {
        var input = new ReadOnlySequence<byte>(header);
        Assert.Equal(RpcCode.ResourceExhausted, Assert.Throws<RpcException>(() => Codec.TryRead(ref input, out _)).Code);
        // One byte fewer is waited for.
        var largest = new ReadOnlySequence<byte>([0, 0, 0, 4, 0]);
        Assert.False(Codec.TryRead(ref largest, out _));
    }

    [Fact]
    public void Flags_that_do_not_exist_are_refused()
    {
        for (var flags = 4; flags < 256; flags++)
        {
            var input = new ReadOnlySequence<byte>([(byte)flags]);
            Assert.Equal(RpcCode.InvalidArgument, Assert.Throws<RpcException>(() => Codec.TryRead(ref input, out _)).Code);
        }
    }

    [Fact]
    public void What_is_written_is_read()
    {
        var output = new ArrayBufferWriter<byte>();
        EnvelopeCodec.WriteHeader(output, 3, 1_000);
        output.Write(new byte[1_000]);
        var input = new ReadOnlySequence<byte>(output.WrittenMemory);
        Assert.True(Codec.TryRead(ref input, out var envelope) && input.IsEmpty);
        Assert.Equal((3, 1_000L), ((int)envelope.Flags, envelope.Message.Length));
    }
}
