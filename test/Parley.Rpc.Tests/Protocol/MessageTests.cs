using System.Buffers;
using System.Text;
using Google.Protobuf;
using Parley.Core;
using Parley.Rpc.Protocol;
using Parley.Rpc.Server;
using Parley.Rpc.Storage.V1;

namespace Parley.Rpc.Tests.Protocol;

public sealed class MessageTests
{
    static readonly MessageType Type = new(SavePeerMessageRequest.Parser, SavePeerMessageRequest.Descriptor);

    static readonly SavePeerMessageRequest Request = new()
    {
        App = long.MinValue,
        User = new Name { Id = "ü" },
        Content = new Content { Cmd = -1, DeviceId = long.MaxValue, Raw = ByteString.CopyFrom(0, 255) },
    };

    static RpcCode Refused(MessageFormat format, byte[] bytes)
        => Assert.Throws<RpcException>(() => format.Read(Type, new ReadOnlySequence<byte>(bytes))).Code;

    [Fact]
    public void Both_formats_read_what_they_wrote()
    {
        foreach (var format in new[] { MessageFormat.Proto, MessageFormat.Json })
            Assert.Equal(Request, format.Read(Type, new ReadOnlySequence<byte>(format.Write(Request))));
    }

    [Fact]
    public void JSON_is_that_of_protobuf()
        => Assert.Equal("""{ "app": "-9223372036854775808", "user": { "id": "ü" }, "content": { "cmd": -1, "deviceId": "9223372036854775807", "raw": "AP8=" } }""",
            Encoding.UTF8.GetString(MessageFormat.Json.Write(Request).Span));

    [Fact]
    public void Fields_of_a_newer_caller_are_left_alone()
        => Assert.Equal(new SavePeerMessageRequest { App = 3 }, MessageFormat.Json.Read(Type, new ReadOnlySequence<byte>("""{"app":3,"later":{"x":[1]}}"""u8.ToArray())));

    [Fact]
    public void What_is_no_message_is_refused()
    {
        foreach (var text in new[] { "{", "[]", "3", "{}{}", """{"app":"x"}""", """{"app":1.5}""", """{"app":9223372036854775808}""", """{"content":{"raw":"*"}}""", """{"user":{"id":"a","number":1}}""", new string('[', 100_000) })
            Assert.Equal(RpcCode.InvalidArgument, Refused(MessageFormat.Json, Encoding.UTF8.GetBytes(text)));
        Assert.Equal(RpcCode.InvalidArgument, Refused(MessageFormat.Json, [0xff]));
        foreach (var bytes in new byte[][] { [8], [0], [18, 5, 10], [0x0f], [10, 0xff, 0xff, 0xff, 0xff, 0x7f] })
            Assert.Equal(RpcCode.InvalidArgument, Refused(MessageFormat.Proto, bytes));
    }

    [Fact]
    public void Compression_is_bounded_and_checked()
    {
        var packed = Compression.Compress(new byte[100_000]);
        Assert.True(packed.Length < 1_000);
        Assert.Equal(100_000, Compression.Decompress(packed, 100_000).Length);
        Assert.Equal(RpcCode.ResourceExhausted, Assert.Throws<RpcException>(() => Compression.Decompress(packed, 99_999)).Code);
        for (var length = 1; length < packed.Length; length++)
            Assert.Throws<RpcException>(() => Compression.Decompress(packed[..length], 100_000));
        Assert.Equal(RpcCode.InvalidArgument, Assert.Throws<RpcException>(() => Compression.Decompress(new byte[32], 100_000)).Code);
    }

    [Theory]
    [InlineData("gzip", true), InlineData("identity, gzip;q=0.5", true), InlineData("br,GZIP", true), InlineData("*", false), InlineData("", false), InlineData("gzip;q=0", false), InlineData("xgzip", false)]
    public void Who_takes_gzip_gets_it(string header, bool isAccepted) => Assert.Equal(isAccepted, Compression.Accepts(header));

    [Theory, InlineData("plain", "plain"), InlineData("100 % ü\n", "100 %25 %C3%BC%0A")]
    public void Messages_of_faults_are_percent_encoded(string text, string encoded) => Assert.Equal(encoded, GrpcExchange.PercentEncoded(text));

    /// <summary>A refusal without a row of its own would be told as nothing in particular.</summary>
    [Fact]
    public void Every_refusal_is_told_with_its_name()
    {
        foreach (var refusal in Enum.GetValues<Refusal>().Where(refusal => refusal != Refusal.None))
            Assert.Equal(refusal, RpcFault.Of(refusal).Refusal);
        foreach (var code in Enum.GetValues<RpcCode>().Where(code => code != RpcCode.Ok))
            Assert.True(ConnectCodes.NameOf(code).Length > 0 && ConnectCodes.StatusOf(code) >= 400);
    }
}
