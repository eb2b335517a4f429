using System.Text.Json.Nodes;
using Google.Protobuf;
using Parley.Client.Api;
using Parley.Client.Connection;
using Parley.Client.Lists;
using Parley.Client.Notices;
using Parley.Client.Storage;
using Parley.Client.Sync;
using Parley.Client.Tests.Peer;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Client.Tests.Sync;

/// <summary>Random histories against a model that knows what the server has: every message once, in order, whatever was lost, doubled or swapped on the way.</summary>
public sealed class SyncerModelTests
{
    [Fact]
    public async Task Every_message_comes_once_and_in_order_and_what_is_unread_is_known()
    {
        for (var seed = 1; seed <= 40; seed++) await RunAsync(seed, maxEagerGap: 100_000);
    }

    [Fact]
    public async Task With_gaps_left_to_the_history_nothing_is_missing_after_reading_it()
    {
        for (var seed = 1_001; seed <= 1_025; seed++) await RunAsync(seed, maxEagerGap: 10);
    }

    static async Task RunAsync(int seed, int maxEagerGap)
    {
        using var model = new Model(seed, maxEagerGap);
        try
        {
            for (var step = 0; step < 120; step++) await model.StepAsync();
            await model.SettleAsync();
            model.CheckEvents(complete: maxEagerGap > 1_000);
            await model.CheckUnreadAsync();
            await model.CheckHistoryAsync();
            model.CheckRecalls();
        }
        catch (Exception e) { throw new InvalidOperationException($"Seed {seed}, largest eager gap {maxEagerGap}: {e.Message}", e); }
    }

    sealed class Model : IDisposable
    {
        const string Me = "me";
        const string OwnNotices = "n_me_me";
        static readonly string[] Peers = ["ann", "bob", "cat"];

        readonly Random _random;
        readonly ScriptedServer _server = new() { Self = Me };
        readonly LocalStore _store = LocalStore.Open(":memory:", Me);
        readonly SyncInbox _inbox = new(1 << 20);
        readonly EventQueue _events = new(100_000);
        readonly Questions _questions;
        readonly ParleyClientOptions _options;
        readonly List<(string Conversation, MsgData Message)> _underway = [];
        readonly HashSet<string> _ownHere = [];
        readonly List<string> _numbered = [];
        readonly ReadMarks _readMarks;
        readonly RecordingApi _api = new();
        readonly ApiClient _client;
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
            _client = new ApiClient(_options, new TokenSource(_options.Token), _api, (_, _) => { });
            _api["/msg/mark_conversation_as_read"] = read => ReadElsewhere(read.GetProperty("conversationID").GetString()!, read.GetProperty("hasReadSeq").GetInt64());
            _readMarks = new ReadMarks(_store, _questions, _client, () => _reliable || Chance(0.7));
            _syncer = Start();
        }

        MessageSyncer Start()
        {
            var listEvents = new ListEvents(_store, _events, _readMarks);
            var lists = new ListSyncer(_client, _store, () => false, listEvents, _options);
            var notices = new NoticeReader(_store, _events, _readMarks, lists, listEvents, Me);
            return new(
                _store, _inbox, _events, _questions, messages => _numbered.AddRange(messages.Select(message => message.ClientMessageId)), notices, _readMarks,
                _readMarks.ReconcileAsync, _options);
        }

        bool Chance(double share) => _random.NextDouble() < share;

        Task<ReadOnlyMemory<byte>> AnswerAsync(int reqIdentifier, IMessage body, CancellationToken ct)
        {
            if (!_reliable && Chance(0.15)) throw new ParleyException(ParleyException.NotConnected, "lost");
            IMessage answer = body switch
            {
                GetMaxSeqReq => _server.Newest(),
                PullMessageBySeqsReq pull => Shortened(_server.Pull(pull)),
                GetSeqMessageReq pull => _server.PullOld(pull),
                GetConversationsHasReadAndMaxSeqReq counts => _server.Marks(counts),
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
            switch (_random.Next(11))
            {
                case < 4: Receive(); break;
                case 4: SendHere(); break;
                case < 8: Deliver(); break;
                case 8: Operate(); break;
                case 9 when Chance(0.3): await _readMarks.MarkAsync(SomeConversation(), default); break;
                case 9 when Chance(0.5): Post(() => _inbox.MaxSequences(_server.Newest())); break;
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

        string SomeConversation() => ConversationIds.BetweenTwo(Me, Peers[_random.Next(Peers.Length)]);

        /// <summary>Something happens to a message that is there, or it is read on another device.</summary>
        void Operate()
        {
            var conversation = SomeConversation();
            var kept = _server.Kept(conversation);
            if (kept.Count == 0) return;
            var sequence = _random.Next(Math.Max(1, kept.Count - 8), kept.Count + 1);
            switch (_random.Next(3))
            {
                case 0 when kept[sequence - 1] is { Status: < 4, ContentType: 101 }:
                    Underway(ScriptedServer.NoticesOf(conversation), _server.Recall(conversation, sequence, Peers[0]));
                    break;
                case 1:
                    _server.Hidden.Add((conversation, sequence));
                    Underway(OwnNotices, _server.Notify(OwnNotices, 2102, new() { ["userID"] = Me, ["conversationID"] = conversation, ["seqs"] = new JsonArray(sequence) }));
                    break;
                case 2: ReadElsewhere(conversation, sequence); break;
            }
        }

        JsonNode? ReadElsewhere(string conversation, long sequence)
        {
            if (_server.ReadMarks.GetValueOrDefault(conversation) >= sequence) return null;
            _server.ReadMarks[conversation] = sequence;
            Underway(ScriptedServer.NoticesOf(conversation), _server.Notify(
                ScriptedServer.NoticesOf(conversation), 2200,
                new() { ["markAsReadUserID"] = Me, ["conversationID"] = conversation, ["seqs"] = new JsonArray(sequence), ["hasReadSeq"] = sequence }));
            return null;
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
                var (conversation, first) = _underway[index];
                _underway.RemoveAt(index);
                // A push that came late is no news; what never happens is that one of a message follows the notice that changed it.
                var message = _server.Kept(conversation)[(int)first.Seq - 1];
                var push = new PushMessages();
                (ConversationIds.IsNotification(conversation) ? push.NotificationMsgs : push.Msgs)[conversation] = new PullMsgs { Msgs = { message } };
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

        /// <summary>The server's numbers, after a sync and after whatever came live behind it.</summary>
        public async Task CheckUnreadAsync()
        {
            CheckUnread("after a sync");
            for (var i = 0; i < 15; i++)
            {
                Receive();
                Operate();
                if (Chance(0.2)) await _readMarks.MarkAsync(SomeConversation(), default);
                Deliver();
                if (Chance(0.5)) await SyncAsync();
            }
            // Without a new connection: what was lost shows in the regular question.
            Post(() => _inbox.MaxSequences(_server.Newest()));
            await SyncAsync();
            CheckUnread("live");
        }

        void CheckUnread(string when)
        {
            foreach (var conversation in _store.Conversations.All())
                Assert.True(_server.Unread(conversation.Id) == conversation.Unread, $"{when}: {conversation.Id} has {_server.Unread(conversation.Id)} unread, here {conversation.Unread}");
        }

        public void CheckRecalls()
        {
            foreach (var conversation in Peers.Select(peer => ConversationIds.BetweenTwo(Me, peer)))
            {
                var here = _store.Messages(conversation, 1, long.MaxValue).ToDictionary(message => message.Sequence);
                foreach (var kept in _server.Kept(conversation).Where(kept => kept.Status >= 4)) Assert.DoesNotContain(kept.Seq, here);
                foreach (var kept in _server.Kept(conversation).Where(kept => kept.ContentType == 2101 && here.ContainsKey(kept.Seq)))
                    Assert.Equal((MessageState.Recalled, null), (here[kept.Seq].State, here[kept.Seq].Text));
            }
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
                // Those that were deleted may have been told before.
                messages.RemoveAll(message => _server.Hidden.Contains((conversation, message.Sequence)));
                var expected = _server.Kept(conversation).Where(message => message.Status < 4 && !_ownHere.Contains(message.ClientMsgID)).Select(message => message.Seq).ToList();
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
                    _server.Kept(conversation).Where(message => message.Status < 4).Select(message => (message.Seq, message.ClientMsgID, message.ServerMsgID)),
                    read.Select(message => (message.Sequence, message.ClientMessageId, message.ServerMessageId)));
            }
            Assert.Equal(_ownHere.Order(), _numbered.Order());
        }

        public void Dispose()
        {
            _store.Dispose();
            _client.Dispose();
        }
    }
}
