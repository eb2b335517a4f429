using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Users;
using Parley.Store;
using Parley.Store.Feeds;
using Parley.Testing.Disks;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.Tests.OpenIM;

/// <summary>Sequences and histories: requests 1001, 1002, 1005, 1006 and 1007.</summary>
public sealed class HistoryTests(RunningEdgeFixture fixture) : IClassFixture<RunningEdgeFixture>
{
    readonly RunningEdge _edge = fixture.Edge;

    [Fact]
    public async Task Sequences_and_marks_are_those_of_the_caller()
    {
        var (alice, bob, carol) = (await _edge.NewUserAsync(), await _edge.NewUserAsync(), await _edge.NewUserAsync());
        var (withBob, withCarol) = ($"si_{alice}_{bob}", $"si_{alice}_{carol}");
        using var a = await _edge.ConnectAsync(alice);
        using var b = await _edge.ConnectAsync(bob);
        Assert.Empty((await a.AskAsync(Requests.NewestSeq, new GetMaxSeqReq { UserID = alice }, GetMaxSeqResp.Parser)).MaxSeqs);

        await a.SendTextAsync(bob, "1");
        await a.SendTextAsync(bob, "2");
        var last = await b.SendTextAsync(alice, "3");
        await a.SendTextAsync(carol, "1");

        var newest = await a.AskAsync(Requests.NewestSeq, new GetMaxSeqReq { UserID = alice }, GetMaxSeqResp.Parser);
        // And that Bob, who answered, has read.
        Assert.Equal([($"n_{alice}_{bob}", 1L), (withBob, 3L), (withCarol, 1L)], newest.MaxSeqs.Select(entry => (entry.Key, entry.Value)).Order());
        Assert.Empty(newest.MinSeqs);

        var all = await a.AskAsync(Requests.HasReadAndMaxSeq, new GetConversationsHasReadAndMaxSeqReq { UserID = alice }, GetConversationsHasReadAndMaxSeqResp.Parser);
        Assert.Equal([withBob, withCarol], all.Seqs.Keys.Order());
        Assert.Equal(new Seqs { MaxSeq = 3, HasReadSeq = 2, MaxSeqTime = last.SendTime }, all.Seqs[withBob]);
        var some = await b.AskAsync(Requests.HasReadAndMaxSeq,
            new GetConversationsHasReadAndMaxSeqReq { UserID = bob, ConversationIDs = { withBob, withCarol, "n_x", "sg_1", "" } }, GetConversationsHasReadAndMaxSeqResp.Parser);
        Assert.Equal(3, Assert.Single(some.Seqs).Value.HasReadSeq);
    }

    /// <summary>Messages leave a conversation when they have come of age, at last all of them; whoever lists it, syncs it or speaks in it is not confused.</summary>
    [Fact]
    public async Task A_conversation_that_was_cut_is_listed_and_goes_on()
    {
        var (alice, bob) = (await _edge.NewUserAsync(), await _edge.NewUserAsync());
        var id = $"si_{alice}_{bob}";
        using var a = await _edge.ConnectAsync(alice);
        using var b = await _edge.ConnectAsync(bob);
        for (var i = 1; i <= 4; i++) await a.SendTextAsync(bob, $"{i}");
        var key = await _edge.Sequencer.QueryAsync((state, _) => state.App(0).Users.TryFind(alice, out var one) && state.App(0).Users.TryFind(bob, out var other) ? ConversationKey.Peer(one, other) : default);
        foreach (var upTo in (long[])[2, 4])
        {
            Assert.True((await _edge.Sequencer.SubmitAsync(new CutConversation(0, Actor.Operator, key, upTo))).IsAccepted);
            var newest = await b.AskAsync(Requests.NewestSeq, new GetMaxSeqReq { UserID = bob }, GetMaxSeqResp.Parser);
            Assert.Equal((4, upTo + 1), (newest.MaxSeqs[id], newest.MinSeqs[id]));
            var all = await b.AskAsync(Requests.HasReadAndMaxSeq, new GetConversationsHasReadAndMaxSeqReq { UserID = bob }, GetConversationsHasReadAndMaxSeqResp.Parser);
            Assert.Equal(4, all.Seqs[id].MaxSeq);
            var range = new PullMessageBySeqsReq { UserID = bob, SeqRanges = { new SeqRange { ConversationID = id, Begin = 1, End = 4, Num = 4 } } };
            var pulled = (await b.AskAsync(Requests.PullBySeqRange, range, PullMessageBySeqsResp.Parser)).Msgs;
            Assert.Equal(upTo == 4 ? [] : (long[])[3, 4], pulled.Values.SelectMany(page => page.Msgs).Select(message => message.Seq));
            var last = await b.AskAsync(Requests.LastMessage, new GetLastMessageReq { UserID = bob, ConversationIDs = { id } }, GetLastMessageResp.Parser);
            Assert.Equal(upTo == 4 ? 0 : 1, last.Msgs.Count);

            var token = await _edge.TokenAsync(bob);
            foreach (var (path, body) in new (string, object)[]
            {
                ("/conversation/get_sorted_conversation_list", new { userID = bob, conversationIDs = Array.Empty<string>() }),
                ("/conversation/get_all_conversations", new { ownerUserID = bob }),
                ("/conversation/get_conversation", new { ownerUserID = bob, conversationID = id }),
                ("/jssdk/get_active_conversations", new { ownerUserID = bob, count = 10 }),
                ("/jssdk/get_conversations", new { ownerUserID = bob, conversationIDs = new[] { id } }),
            })
            {
                var answer = await _edge.CallAsync(path, body, token);
                Assert.Equal((path, 0), (path, answer.Code));
                // Those that show what is going on leave out where nothing is.
                Assert.Equal((path, upTo < 4 || path != "/jssdk/get_active_conversations"), (path, answer.Data.GetRawText().Contains(id, StringComparison.Ordinal)));
            }
        }

        await a.SendTextAsync(bob, "5");
        var unread = await b.AskAsync(Requests.NewestSeq, new GetMaxSeqReq { UserID = bob }, GetMaxSeqResp.Parser);
        Assert.Equal((5, 5), (unread.MaxSeqs[id], unread.MinSeqs[id]));
    }

    [Fact]
    public async Task Nobody_reads_what_others_said_to_each_other()
    {
        var (alice, bob, eve) = (await _edge.NewUserAsync(), await _edge.NewUserAsync(), await _edge.NewUserAsync());
        using var a = await _edge.ConnectAsync(alice);
        await a.SendTextAsync(bob, "secret");
        using var e = await _edge.ConnectAsync(eve);
        foreach (var id in new[] { $"si_{alice}_{bob}", $"si_{bob}_{alice}", $"si_{alice}_{bob}_{eve}", $"n_{alice}_{bob}", "si_", "si__", "_" })
        {
            var ranges = new PullMessageBySeqsReq { UserID = eve, SeqRanges = { new SeqRange { ConversationID = id, End = 9, Num = 9 } } };
            Assert.Empty((await e.AskAsync(Requests.PullBySeqRange, ranges, PullMessageBySeqsResp.Parser)).Msgs);
            var list = new GetSeqMessageReq { UserID = eve, Conversations = { new ConversationSeqs { ConversationID = id, Seqs = { 1 } } } };
            Assert.Empty((await e.AskAsync(Requests.PullBySeqList, list, GetSeqMessageResp.Parser)).Msgs);
            var last = new GetLastMessageReq { UserID = eve, ConversationIDs = { id } };
            Assert.Empty((await e.AskAsync(Requests.LastMessage, last, GetLastMessageResp.Parser)).Msgs);
        }
    }

    [Theory, InlineData(0, 1_000, 700 << 10), InlineData(40, 1_000, 700 << 10), InlineData(0, 30, 700 << 10), InlineData(17, 1_000, 64 << 10)]
    public async Task Ranges_and_lists_are_what_the_model_says(int cleared, int maxMessages, int maxBytes)
    {
        const int last = 230;
        await using var edge = await RunningEdge.StartAsync(options => (options.MaxAnswerMessages, options.MaxAnswerBytes) = (maxMessages, maxBytes));
        var (alice, bob) = (await edge.NewUserAsync(), await edge.NewUserAsync());
        var conversation = $"si_{alice}_{bob}";
        using var client = await edge.ConnectAsync(alice);
        for (var i = 1; i <= cleared; i++) await client.SendTextAsync(bob, Body(i));
        if (cleared > 0)
            Assert.Equal(0, (await edge.CallAsync("/msg/clear_conversation_msg", new { userID = alice, conversationIDs = new[] { conversation } }, await edge.TokenAsync(alice))).Code);
        for (var i = cleared + 1; i <= last; i++) await client.SendTextAsync(bob, Body(i));

        var seed = Environment.TickCount;
        var random = new Random(seed);
        var model = new HistoryModel(cleared + 1, last, maxMessages);
        for (var round = 0; round < 60; round++)
        {
            var order = (PullOrder)random.Next(2);
            var (begin, end, num) = (random.Next(-5, last + 20), random.Next(-5, last + 20), random.Next(-1, 60));
            var ranges = new PullMessageBySeqsReq { UserID = alice, Order = order, SeqRanges = { new SeqRange { ConversationID = conversation, Begin = begin, End = end, Num = num } } };
            var byRange = await client.AskAsync(Requests.PullBySeqRange, ranges, PullMessageBySeqsResp.Parser);
            model.CheckRange(byRange.Msgs.GetValueOrDefault(conversation), begin, end, num, order, $"seed {seed}, round {round}");

            long[] sequences = [.. Enumerable.Range(0, random.Next(1, 70)).Select(_ => (long)random.Next(-5, last + 20))];
            var list = new GetSeqMessageReq { UserID = alice, Order = order, Conversations = { new ConversationSeqs { ConversationID = conversation, Seqs = { sequences } } } };
            var byList = await client.AskAsync(Requests.PullBySeqList, list, GetSeqMessageResp.Parser);
            model.CheckList(byList.Msgs.GetValueOrDefault(conversation), sequences, order, $"seed {seed}, round {round}");
        }

        // Long enough that some of the rounds are cut by bytes where few are allowed.
        string Body(int i) => $"{i}:{new string('x', maxBytes < 100_000 ? 3_000 : 10)}";
    }

    [Fact]
    public async Task One_conversation_may_be_asked_for_twice()
    {
        var (alice, bob) = (await _edge.NewUserAsync(), await _edge.NewUserAsync());
        using var client = await _edge.ConnectAsync(alice);
        for (var i = 0; i < 5; i++) await client.SendTextAsync(bob, "x");
        var id = $"si_{alice}_{bob}";
        var request = new PullMessageBySeqsReq { UserID = alice, SeqRanges = { new SeqRange { ConversationID = id, Begin = 4, End = 5, Num = 2 }, new SeqRange { ConversationID = id, Begin = 1, End = 4, Num = 9 } } };
        var page = (await client.AskAsync(Requests.PullBySeqRange, request, PullMessageBySeqsResp.Parser)).Msgs[id];
        Assert.Equal([1, 2, 3, 4, 5], page.Msgs.Select(message => message.Seq));
    }

    [Fact]
    public async Task Too_many_conversations_at_once_are_refused()
    {
        await using var edge = await RunningEdge.StartAsync(options => options.MaxRangesPerRequest = 2);
        var user = await edge.NewUserAsync();
        using var client = await edge.ConnectAsync(user);
        var ranges = new PullMessageBySeqsReq { UserID = user, SeqRanges = { new SeqRange(), new SeqRange(), new SeqRange() } };
        Assert.Equal(ErrorCodes.Arguments, (await client.AskAsync(Requests.PullBySeqRange, ranges)).ErrCode);
        var list = new GetSeqMessageReq { UserID = user, Conversations = { new ConversationSeqs(), new ConversationSeqs(), new ConversationSeqs() } };
        Assert.Equal(ErrorCodes.Arguments, (await client.AskAsync(Requests.PullBySeqList, list)).ErrCode);
        Assert.Equal(ErrorCodes.Arguments, (await client.AskAsync(Requests.LastMessage, new GetLastMessageReq { UserID = user, ConversationIDs = { "a", "b", "c" } })).ErrCode);
        Assert.Equal(ErrorCodes.Arguments,
            (await client.AskAsync(Requests.HasReadAndMaxSeq, new GetConversationsHasReadAndMaxSeqReq { UserID = user, ConversationIDs = { "a", "b", "c" } })).ErrCode);
    }

    [Fact]
    public async Task A_record_that_is_no_message_leaves_a_placeholder_and_no_hole()
    {
        const ushort unknownType = 999;
        var disk = new CrashingDisk(seed: 1);
        long afterwards = 0;
        await using (var edge = await RunningEdge.StartAsync(disk: disk))
        {
            await edge.RegisterAsync("alice", "bob");
            using var client = await edge.ConnectAsync("alice");
            await client.SendTextAsync("bob", "first");
            afterwards = await edge.Sequencer.QueryAsync((state, _) => state.Time + 1);
        }

        await using (var log = await Log.OpenAsync(disk, RunningEdge.LogOptions, TimeProvider.System))
        {
            using var stopping = new CancellationTokenSource();
            var upkeep = log.MaintainAsync(stopping.Token);
            var batch = (await log.BeginAsync(Patience.Token))!;
            var filings = new Filing[1];
            batch.Add(unknownType, 0, afterwards, [ConversationKey.Peer(new UserNumber(1), new UserNumber(2)).Feed], "future"u8, filings);
            await log.CommitAsync(batch);
            await stopping.CancelAsync();
            await upkeep;
        }

        await using (var edge = await RunningEdge.StartAsync(disk: disk))
        {
            using var client = await edge.ConnectAsync("bob");
            await client.SendTextAsync("alice", "third");
            var range = new PullMessageBySeqsReq { UserID = "bob", SeqRanges = { new SeqRange { ConversationID = "si_alice_bob", End = 3, Num = 9 } } };
            var page = (await client.AskAsync(Requests.PullBySeqRange, range, PullMessageBySeqsResp.Parser)).Msgs["si_alice_bob"];
            Assert.Equal([(1, 2), (2, 4), (3, 2)], page.Msgs.Select(message => ((int)message.Seq, message.Status)));
            Assert.NotEmpty(page.Msgs[1].ClientMsgID);
            Assert.Equal(page.Msgs[0].SendTime, page.Msgs[1].SendTime);
            Assert.True(page.IsEnd);
        }
    }
}
