using System.Net.WebSockets;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Core.Sessions;
using Parley.Edges.OpenIM;
using Parley.Edges.OpenIM.Connections;
using Parley.Gateway;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.Tests.OpenIM;

/// <summary>Thousands of frames that are nearly right, without a socket between.</summary>
public sealed class FuzzTests(RunningEdgeFixture fixture) : IClassFixture<RunningEdgeFixture>
{
    readonly RunningEdge _edge = fixture.Edge;

    [Theory, InlineData(false, false), InlineData(false, true), InlineData(true, false), InlineData(true, true)]
    public async Task Mutated_frames_end_in_an_answer_or_a_close(bool isJson, bool isCompressed)
    {
        const int rounds = 1_500;
        var (alice, bob) = (await _edge.NewUserAsync(), await _edge.NewUserAsync());
        using var encoder = new OpenIMClient(alice, isJson, isCompressed);
        var frames = Requests(encoder, alice, bob).Select(request => encoder.Encode(request)).ToArray();
        var encoding = new FrameEncoding(isJson, isCompressed);

        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var round = 0; round < rounds; round++)
        {
            // A connection's worth of frames: what one left behind must not hurt the next.
            var exchange = await OpenAsync(alice, encoding);
            for (var i = 0; i < 3; i++)
            {
                var frame = Mutated(frames[random.Next(frames.Length)], random);
                WebSocketCloseStatus? status;
                try
                {
                    status = await exchange.ReceiveAsync(random.Next(10) == 0 ? FrameKind.Text : FrameKind.Binary, frame, Patience.Token);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    throw new InvalidOperationException($"seed {seed}, round {round}: {Convert.ToHexString(frame)}", e);
                }

                while (exchange.WriteNext(Nowhere.Instance) == WriteStep.Frame)
                {
                }

                if (status is not null) break;
            }

            exchange.Stop();
        }
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_right_frame_is_answered_here_too(bool isJson)
    {
        var user = await _edge.NewUserAsync();
        using var encoder = new OpenIMClient(user, isJson);
        var exchange = await OpenAsync(user, new FrameEncoding(isJson, true));
        var frame = encoder.Encode(new RequestEnvelope(Wire.OpenIM.Requests.NewestSeq, "", user, "op", "a", new GetMaxSeqReq { UserID = user }.ToByteArray()));
        Assert.Null(await exchange.ReceiveAsync(FrameKind.Binary, frame, Patience.Token));
        Assert.Equal(WriteStep.Frame, exchange.WriteNext(Nowhere.Instance));
        Assert.Equal(WriteStep.Nothing, exchange.WriteNext(Nowhere.Instance));
    }

    static IEnumerable<RequestEnvelope> Requests(OpenIMClient client, string alice, string bob)
    {
        var id = $"si_{alice}_{bob}";
        (int, IMessage)[] all =
        [
            (1001, new GetMaxSeqReq { UserID = alice }),
            (1002, new PullMessageBySeqsReq { UserID = alice, SeqRanges = { new SeqRange { ConversationID = id, Begin = 0, End = 10, Num = 5 } } }),
            (1003, client.Text(bob, "hello")),
            (1005, new GetSeqMessageReq { UserID = alice, Conversations = { new ConversationSeqs { ConversationID = id, Seqs = { 1, 2, 5 } } } }),
            (1006, new GetConversationsHasReadAndMaxSeqReq { UserID = alice }),
            (1007, new GetLastMessageReq { UserID = alice, ConversationIDs = { id } }),
            (2003, new DelUserPushTokenReq { UserID = alice }),
            (2004, new SetAppBackgroundStatusReq { UserID = alice, IsBackground = true }),
            (2005, new SubUserOnlineStatus { SubscribeUserID = { bob } }),
        ];
        return all.Select(request => new RequestEnvelope(request.Item1, "", alice, "op", "a", request.Item2.ToByteArray()));
    }

    static byte[] Mutated(byte[] frame, Random random)
    {
        byte[] mutated = [.. frame];
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var at = random.Next(mutated.Length);
            mutated = random.Next(5) switch
            {
                0 => [.. mutated.AsSpan(0, at)],
                1 => [.. mutated.AsSpan(0, at), (byte)random.Next(256), .. mutated.AsSpan(at)],
                2 => [.. mutated.AsSpan(0, at), .. mutated.AsSpan(at + 1)],
                _ => [.. mutated.AsSpan(0, at), (byte)random.Next(256), .. mutated.AsSpan(at + 1)],
            };
            if (mutated.Length == 0) mutated = [0];
        }

        return mutated;
    }

    /// <summary>An exchange whose session Core does not know: enough for everything but deliveries.</summary>
    async Task<ClientExchange> OpenAsync(string user, FrameEncoding encoding)
    {
        var number = await _edge.Sequencer.QueryAsync((state, _) => state.App(0).Users.TryFind(user, out var found) ? found : default);
        var session = new Session(0, number, 5, "", default, new Outbox(1_000, 4 << 20));
        return new ClientExchange(session, user, encoding, false, _edge.Sequencer, _edge.Services.GetRequiredService<SocketQueries>(), _edge.Services.GetRequiredService<Pushes>(),
            _edge.Services.GetRequiredService<OpenIMOptions>(), TimeProvider.System, NullLogger.Instance);
    }

    sealed class Nowhere : FrameWriter
    {
        public static readonly Nowhere Instance = new();

        public override void Write(FrameKind kind, ReadOnlySpan<byte> frame) => Assert.False(frame.IsEmpty);
    }
}
