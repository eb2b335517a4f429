using Google.Protobuf;
using Parley.Client.Connection;
using Parley.Client.Storage;
using Parley.Client.Sync;
using Parley.Client.Tests.Peer;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Client.Tests.Sync;

/// <summary>Random histories against a model that knows what the server has: every message once, in order, whatever was lost, doubled or swapped on the way.</summary>
public sealed class SyncerModelTests
{
    [Fact]
    public async Task Every_message_comes_once_and_in_order()
    {
        for (var seed = 1; seed <= 80; seed++) await RunAsync(seed, maxEagerGap: 100_000);
    }

    [Fact]
    public async Task With_gaps_left_to_the_history_nothing_is_missing_after_reading_it()
    {
        for (var seed = 1_001; seed <= 1_050; seed++) await RunAsync(seed, maxEagerGap: 10);
    }

    static async Task RunAsync(int seed, int maxEagerGap)
    {
        using var model = new Model(seed, maxEagerGap);
        try
        {
            for (var step = 0; step < 120; step++) await model.StepAsync();
            await model.SettleAsync();
            model.CheckEvents(complete: maxEagerGap > 1_000);
            await model.CheckHistoryAsync();
        }
        catch (Exception e) { throw new InvalidOperationException($"Seed {seed}, largest eager gap {maxEagerGap}: {e.Message}", e); }
    }

    sealed class Model : IDisposable
    {
        const string Me = "me";
        static readonly string[] Peers = ["ann", "bob", "cat"];

        readonly Random _random;
        readonly ScriptedServer _server = new();
        readonly LocalStore _store = LocalStore.Open(":memory:", Me);
        readonly SyncInbox _inbox = new(1 << 20);
        readonly EventQueue _events = new(100_000);
        readonly Questions _questions;
        readonly ParleyClientOptions _options;
        readonly List<(string Conversation, MsgData Message)> _underway = [];
        readonly HashSet<string> _ownHere = [];
        readonly List<string> _numbered = [];
        MessageSyncer _syncer;
        bool _reliable;
        bool _posted;

        public Model(int seed, int maxEagerGap)
        {
            _random = new Random(seed);
            _options = new ParleyClientOptions
            {
                UserId = Me,
                Token = _ => Task.FromResult(""),
                StorePath = ":memory:",
                MaxEagerGap = maxEagerGap,
                PullPageLength = 7,
            };
            _questions = new Questions(AnswerAsync, Me, 7);
            _syncer = Start();
        }

        MessageSyncer Start() => new(
            _store, _inbox, _events, _questions, messages => _numbered.AddRange(messages.Select(message => message.ClientMessageId)), _ => Task.CompletedTask, _options);

        bool Chance(double share) => _random.NextDouble() < share;

        Task<ReadOnlyMemory<byte>> AnswerAsync(int reqIdentifier, IMessage body, CancellationToken ct)
        {
            if (!_reliable && Chance(0.15)) throw new ParleyException(ParleyException.NotConnected, "lost");
            IMessage answer = body switch
            {
                GetMaxSeqReq => _server.Newest(),
                PullMessageBySeqsReq pull => Shortened(_server.Pull(pull)),
                GetSeqMessageReq pull => _server.PullOld(pull),
                _ => throw new InvalidOperationException($"Unexpected request {reqIdentifier}"),
            };
            return Task.FromResult<ReadOnlyMemory<byte>>(answer.ToByteArray());
        }

        // Servers cut answers short, and sort them as they like.
        PullMessageBySeqsResp Shortened(PullMessageBySeqsResp whole)
        {
            foreach (var pulled in whole.Msgs.Values)
            {
                if (Chance(0.3)) while (pulled.Msgs.Count > 1 && Chance(0.7)) pulled.Msgs.RemoveAt(_random.Next(pulled.Msgs.Count));
                if (Chance(0.2)) Reverse(pulled);
            }
            return whole;
        }

        static void Reverse(PullMsgs pulled)
        {
            var reversed = pulled.Msgs.Reverse().ToList();
            pulled.Msgs.Clear();
            pulled.Msgs.AddRange(reversed);
        }

        public async Task StepAsync()
        {
            switch (_random.Next(10))
            {
                case < 4: Receive(); break;
                case 4: SendHere(); break;
                case < 8: Deliver(); break;
                case 8: Post(() => _inbox.MaxSequences(_server.Newest())); break;
                default:
                    if (Chance(0.3)) _syncer = Start();
                    Post(_inbox.Connected);
                    break;
            }
            if (Chance(0.6)) await SyncAsync();
        }

        void Receive()
        {
            var peer = Peers[_random.Next(Peers.Length)];
            for (var count = _random.Next(1, Chance(0.1) ? 40 : 4); count > 0; count--)
            {
                // A third of the user's own messages come from another device.
                var (from, to) = Chance(0.8) ? (peer, Me) : (Me, peer);
                Underway(ConversationIds.BetweenTwo(from, to), _server.Keep(from, to, $"{_random.Next()}"));
            }
        }

        void SendHere()
        {
            var peer = Peers[_random.Next(Peers.Length)];
            var message = ScriptedServer.Text(Me, peer, $"{_random.Next()}");
            var conversation = ConversationIds.BetweenTwo(Me, peer);
            _store.AddUnsent(conversation, message, 1_000);
            _ownHere.Add(message.ClientMsgID);
            var kept = _server.Keep(conversation, message);
            Underway(conversation, kept);
            if (Chance(0.5)) _store.MarkSent(message.ClientMsgID, new SendMsgResp { ServerMsgID = kept.ServerMsgID, SendTime = kept.SendTime });
        }

        void Underway(string conversation, MsgData message)
        {
            if (Chance(0.2)) return;
            _underway.Add((conversation, message));
            if (Chance(0.2)) _underway.Add((conversation, message));
        }

        void Deliver()
        {
            for (var count = _random.Next(1, 6); count > 0 && _underway.Count > 0; count--)
            {
                var index = Chance(0.7) ? 0 : _random.Next(_underway.Count);
                var (conversation, message) = _underway[index];
                _underway.RemoveAt(index);
                var push = new PushMessages { Msgs = { [conversation] = new PullMsgs { Msgs = { message } } } };
                Post(() => _inbox.Pushed(push, push.CalculateSize()));
            }
        }

        void Post(Action post)
        {
            post();
            _posted = true;
        }

        async Task SyncAsync()
        {
            if (!_posted) return;
            _posted = false;
            await _syncer.StepAsync(await _inbox.TakeAsync(default), default);
        }

        public async Task SettleAsync()
        {
            _reliable = true;
            Post(_inbox.Connected);
            await SyncAsync();
        }

        public void CheckEvents(bool complete)
        {
            var told = Peers.ToDictionary(peer => ConversationIds.BetweenTwo(Me, peer), _ => new List<Message>());
            while (_events.Reader.TryRead(out var what))
            {
                if (what is ParleyEvent.MessagesReceived received) told[received.ConversationId].AddRange(received.Messages);
            }
            foreach (var (conversation, messages) in told)
            {
                var expected = _server.Kept(conversation).Where(message => !_ownHere.Contains(message.ClientMsgID)).Select(message => message.Seq).ToList();
                var got = messages.Select(message => message.Sequence).ToList();
                if (!complete) expected = [.. expected.Where(got.Contains)];
                Assert.Equal(expected, got);
            }
            Assert.Equal(_numbered.Distinct().Count(), _numbered.Count);
        }

        public async Task CheckHistoryAsync()
        {
            var reader = new HistoryReader(_store, _questions, messages => _numbered.AddRange(messages.Select(message => message.ClientMessageId)));
            foreach (var peer in Peers)
            {
                var conversation = ConversationIds.BetweenTwo(Me, peer);
                var read = new List<Message>();
                for (long? before = null; before is not < 1;)
                {
                    var page = await reader.ReadAsync(conversation, before, 9, default);
                    read.InsertRange(0, page);
                    before = page.Count(message => message.Sequence > 0) < 9 ? 0 : page.First(message => message.Sequence > 0).Sequence;
                }
                Assert.Equal(
                    _server.Kept(conversation).Select(message => (message.Seq, message.ClientMsgID, message.ServerMsgID)),
                    read.Select(message => (message.Sequence, message.ClientMessageId, message.ServerMessageId)));
            }
            Assert.Equal(_ownHere.Order(), _numbered.Order());
        }

        public void Dispose() => _store.Dispose();
    }
}
