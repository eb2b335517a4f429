using System.Buffers;
using System.IO.Compression;
using System.Net.WebSockets;
using System.Text;
using Google.Protobuf;
using Parley.Testing;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.Tests.OpenIM;

/// <summary>Whatever a client sends, the server lives on and keeps its bounds.</summary>
public sealed class HostileTests(RunningEdgeFixture fixture) : IClassFixture<RunningEdgeFixture>
{
    readonly RunningEdge _edge = fixture.Edge;

    public static TheoryData<string> Garbage => ["", "\0", "garbage", "{", "{\"reqIdentifier\":1001", "\u001f\u008b\b\0", "\u0065\u007f\u0003\u0001"];

    [Theory, MemberData(nameof(Garbage))]
    public async Task A_frame_that_is_no_envelope_closes_the_connection(string garbage)
    {
        var user = await _edge.NewUserAsync();
        foreach (var (isJson, isCompressed) in new[] { (false, false), (false, true), (true, false), (true, true) })
        {
            using var client = await _edge.ConnectAsync(user, 5, isJson, isCompressed);
            await client.SendAsync(Encoding.Latin1.GetBytes(garbage));
            Assert.Equal(WebSocketCloseStatus.InvalidPayloadData, await client.WaitClosedAsync());
            if (!isCompressed) continue;
            using var second = await _edge.ConnectAsync(user, 5, isJson, isCompressed);
            await second.SendAsync(Compressed(Encoding.Latin1.GetBytes(garbage)));
            Assert.Equal(WebSocketCloseStatus.InvalidPayloadData, await second.WaitClosedAsync());
        }
    }

    [Theory]
    [InlineData(Requests.NewestSeq)]
    [InlineData(Requests.PullBySeqRange)]
    [InlineData(Requests.SendMessage)]
    [InlineData(Requests.PullBySeqList)]
    [InlineData(Requests.HasReadAndMaxSeq)]
    [InlineData(Requests.LastMessage)]
    [InlineData(Requests.Logout)]
    [InlineData(Requests.SetBackground)]
    [InlineData(Requests.SubscribeOnlineStatus)]
    public async Task A_payload_that_is_no_protobuf_is_answered_with_an_error(int reqIdentifier)
    {
        var user = await _edge.NewUserAsync();
        using var client = await _edge.ConnectAsync(user);
        await client.SendAsync(client.Encode(new RequestEnvelope(reqIdentifier, "", user, "op", "a", new byte[] { 0x0a, 0xff })));
        var answer = await client.NextAsync();
        Assert.Equal((reqIdentifier, "a", ErrorCodes.Arguments), (answer.ReqIdentifier, answer.MsgIncr, answer.ErrCode));
        Assert.Equal(0, (await client.AskAsync(Requests.NewestSeq, new GetMaxSeqReq { UserID = user })).ErrCode);
    }

    [Theory, InlineData(51_201), InlineData(500_000)]
    public async Task A_frame_that_is_too_large_closes_the_connection(int bytes)
    {
        var user = await _edge.NewUserAsync();
        using var client = await _edge.ConnectAsync(user);
        await client.SendAsync(new byte[bytes]);
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, await client.WaitClosedAsync());
    }

    [Fact]
    public async Task A_small_frame_that_becomes_too_large_closes_the_connection()
    {
        var user = await _edge.NewUserAsync();
        using var client = await _edge.ConnectAsync(user);
        var bomb = new ArrayBufferWriter<byte>();
        using (var gzip = new GZipStream(new BufferStream(bomb), CompressionLevel.Optimal)) gzip.Write(new byte[40 << 20]);
        Assert.InRange(bomb.WrittenCount, 1, 51_200);
        await client.SendAsync(bomb.WrittenMemory);
        Assert.Equal(WebSocketCloseStatus.InvalidPayloadData, await client.WaitClosedAsync());
    }

    [Fact]
    public async Task Names_that_would_have_to_be_kept_are_bounded()
    {
        var user = await _edge.NewUserAsync();
        using var client = await _edge.ConnectAsync(user);
        await client.SendAsync(client.Encode(new RequestEnvelope(Requests.NewestSeq, "", user, "op", new string('x', 257), default)));
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await client.WaitClosedAsync());
    }

    [Fact]
    public async Task A_frame_in_many_parts_is_one_frame_and_half_a_frame_is_none()
    {
        var user = await _edge.NewUserAsync();
        using var encoder = new OpenIMClient(user, isCompressed: false);
        var frame = encoder.Encode(new RequestEnvelope(Requests.NewestSeq, "", user, "op", "a", new GetMaxSeqReq { UserID = user }.ToByteArray()));
        using var raw = await RawClient.ConnectAsync(_edge, user);
        for (var i = 0; i < frame.Length; i++)
        {
            await raw.SendFrameAsync(i == 0 ? 2 : 0, frame.AsSpan(i, 1), isFinal: i == frame.Length - 1);
            // Control frames may stand between the parts.
            if (i == 5) await raw.SendFrameAsync(9, "p"u8);
        }

        Assert.Equal(10, (await raw.ReceiveFrameAsync()).Opcode);
        var (opcode, answer) = await raw.ReceiveFrameAsync();
        Assert.Equal((2, "a"), (opcode, GobEnvelope.ReadResponse(answer).MsgIncr));

        await raw.SendFrameAsync(2, frame.AsSpan(0, 10), isFinal: false);
        raw.Dispose();
        using var after = await _edge.ConnectAsync(user);
    }

    [Theory]
    [InlineData(new byte[] { 0xF2, 0x80, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0x83, 0x80, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0x82, 0x01, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0x82, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0x80, 0x80, 0, 0, 0, 0 })]
    public async Task Broken_framing_ends_the_connection(byte[] bytes)
    {
        var user = await _edge.NewUserAsync();
        using var raw = await RawClient.ConnectAsync(_edge, user);
        await raw.SendAsync(bytes);
        await raw.ReadToEndAsync();
    }

    [Fact]
    public async Task A_client_that_never_reads_is_dropped_and_disturbs_nobody()
    {
        const int maxSends = 3_000;
        var time = new ManualTime();
        await using var edge = await RunningEdge.StartAsync(core: options => options.MaxOutboxBytes = 256 << 10, time: time);
        var (alice, bob) = (await edge.NewUserAsync(), await edge.NewUserAsync());
        using var sender = await edge.ConnectAsync(alice);
        using var healthy = await edge.ConnectAsync(bob, 1);
        using var stuck = await RawClient.ConnectAsync(edge, bob, receiveBufferBytes: 4 << 10);
        var text = new string('x', 30_000);
        var sent = 0;
        for (; edge.Connections == 3 && sent < maxSends; sent++)
        {
            await sender.SendTextAsync(bob, text);
            await sender.NextMessageAsync();
            Assert.Equal(sent + 1, (await healthy.NextMessageAsync()).Message.Seq);
            // Eleven of these after the connection's buffers are full, its time to write is over.
            if (sent % 10 != 0) continue;
            time.Advance(TimeSpan.FromSeconds(1));
            // It is alive, so it is not dropped for its silence.
            if (edge.Connections == 3) await stuck.TrySendAsync([0x8A, 0x80, 0, 0, 0, 0]);
        }

        Assert.InRange(sent, 1, maxSends - 1);
        Assert.Equal(2, edge.Connections);
        await stuck.ReadToEndAsync();
    }

    [Fact]
    public async Task A_client_that_asks_without_reading_is_read_no_further()
    {
        const int maxRequests = 20_000;
        var time = new ManualTime();
        await using var edge = await RunningEdge.StartAsync(time: time);
        var (alice, bob) = (await edge.NewUserAsync(), await edge.NewUserAsync());
        using var sender = await edge.ConnectAsync(alice);
        for (var i = 0; i < 20; i++) await sender.SendTextAsync(bob, new string('x', 30_000));
        using var greedy = await RawClient.ConnectAsync(edge, bob, receiveBufferBytes: 4 << 10);
        using var encoder = new OpenIMClient(bob, isCompressed: false);
        var request = new PullMessageBySeqsReq { UserID = bob, SeqRanges = { new SeqRange { ConversationID = $"si_{alice}_{bob}", End = 20, Num = 20 } } };
        // Large requests, so that the sockets' buffers do not hold many.
        for (var i = 0; i < 900; i++) request.SeqRanges.Add(new SeqRange { ConversationID = new string('x', 40) });
        var frame = encoder.Encode(new RequestEnvelope(Requests.PullBySeqRange, "", bob, "op", "a", request.ToByteArray()));

        // In the end the server stops reading, the sockets fill up, and a send does not complete any more.
        Task send = Task.CompletedTask;
        for (var i = 0; i < maxRequests && edge.Connections == 2; i++)
        {
            send = greedy.SendFrameAsync(2, frame);
            while (!send.IsCompleted && edge.Connections == 2)
            {
                time.Advance(TimeSpan.FromSeconds(1));
                // The others live on.
                Assert.Equal(0, (await sender.AskAsync(Requests.NewestSeq, new GetMaxSeqReq { UserID = alice })).ErrCode);
            }
        }

        Assert.Equal(1, edge.Connections);
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            await send;
            while (true) await greedy.SendFrameAsync(2, frame);
        });
    }

    static byte[] Compressed(byte[] bytes)
    {
        var output = new ArrayBufferWriter<byte>();
        GzipFrame.Compress(bytes, output);
        return output.WrittenSpan.ToArray();
    }

    sealed class BufferStream(ArrayBufferWriter<byte> output) : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count) => output.Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer) => output.Write(buffer);
    }
}
