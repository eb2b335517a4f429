using Google.Protobuf;
using Parley.Core;
using Parley.Core.Commands;
using Parley.Rpc.Protocol;
using Parley.Rpc.Storage.V1;

namespace Parley.Rpc.Tests.Storage;

public sealed class SaveTests(RunningRpcFixture fixture) : IClassFixture<RunningRpcFixture>
{
    readonly RunningRpc _rpc = fixture.Rpc;

    static Content Bytes(string text, int cmd = 4, long device = 7) => new() { Cmd = cmd, DeviceId = device, Raw = ByteString.CopyFromUtf8(text) };

    async Task<Saved> SaveAsync(Name user, string text, string clientId = "")
        => (await _rpc.Client.SavePeerMessageAsync(new SavePeerMessageRequest { User = user, Content = Bytes(text), ClientMessageId = clientId })).Saved;

    async Task<RepeatedMessages> InboxAsync(Name user) => new(await _rpc.Client.SyncMessageAsync(new SyncMessageRequest { User = user }));

    sealed record RepeatedMessages(SyncMessageResponse Response)
    {
        public string[] Texts => [.. Response.Messages.Select(message => message.Content.Raw.ToStringUtf8())];
    }

    [Fact]
    public async Task A_message_is_read_as_it_was_saved()
    {
        var user = await _rpc.NewUserAsync();
        var content = new Content { Cmd = int.MinValue, DeviceId = long.MinValue, Raw = ByteString.CopyFrom([.. Enumerable.Range(0, 256).Select(i => (byte)i)]) };
        var saved = (await _rpc.Client.SavePeerMessageAsync(new SavePeerMessageRequest { User = user, Content = content, ClientMessageId = "mine" })).Saved;
        var message = Assert.Single((await _rpc.Client.SyncMessageAsync(new SyncMessageRequest { User = user })).Messages);
        Assert.Equal(content, message.Content);
        Assert.Equal((saved.Id, 1, 17, "mine", Fate.Unspecified), (message.Id, message.Sequence, message.Kind, message.ClientMessageId, message.Fate));
    }

    [Fact]
    public async Task Each_save_names_the_message_before_it_in_that_inbox()
    {
        var (user, other) = (await _rpc.NewUserAsync(), await _rpc.NewUserAsync());
        var first = await SaveAsync(user, "1");
        var between = await SaveAsync(other, "2");
        var second = await SaveAsync(user, "3");
        Assert.Equal((0, 1), (first.PreviousId, first.Sequence));
        Assert.Equal((0, 1), (between.PreviousId, between.Sequence));
        Assert.Equal((first.Id, 2), (second.PreviousId, second.Sequence));
        Assert.True(first.Id < between.Id && between.Id < second.Id);
    }

    [Fact]
    public async Task A_message_is_filed_only_in_the_inbox_that_was_named()
    {
        var (user, other) = (await _rpc.NewUserAsync(), await _rpc.NewUserAsync());
        await SaveAsync(user, "only here");
        Assert.Equal(["only here"], (await InboxAsync(user)).Texts);
        Assert.Empty((await InboxAsync(other)).Texts);
        var record = _rpc.Log.ReadFrom(_rpc.Log.CommittedPosition, 1, int.MaxValue)[0];
        Assert.Single(record.Filings);
    }

    [Fact]
    public async Task A_group_message_is_filed_only_in_the_conversation()
    {
        var (owner, member) = (await _rpc.NewUserAsync(), await _rpc.NewUserAsync());
        var group = await _rpc.NewGroupAsync(owner, member);
        var first = (await _rpc.Client.SaveGroupMessageAsync(new SaveGroupMessageRequest { Group = group, Content = Bytes("a") })).Saved;
        var second = (await _rpc.Client.SaveGroupMessageAsync(new SaveGroupMessageRequest { Group = group, Content = Bytes("b") })).Saved;
        Assert.Equal((0, 1, first.Id, 2), (first.PreviousId, first.Sequence, second.PreviousId, second.Sequence));
        Assert.Single(_rpc.Log.ReadFrom(first.Id, 1, int.MaxValue)[0].Filings);
        Assert.Empty((await InboxAsync(member)).Texts);
        var page = await _rpc.Client.SyncGroupMessageAsync(new SyncGroupMessageRequest { Group = group });
        Assert.Equal(["a", "b"], page.Messages.Select(message => message.Content.Raw.ToStringUtf8()));
        Assert.All(page.Messages, message => Assert.Equal((group.Id, "", 4, 7), (message.GroupId, message.SenderId, message.Content.Cmd, message.Content.DeviceId)));
    }

    [Fact]
    public async Task Users_and_groups_go_by_number_too()
    {
        var owner = await _rpc.NewUserAsync();
        var group = await _rpc.NewGroupAsync(owner);
        var (user, number) = await _rpc.Sequencer.QueryAsync((state, _) =>
        {
            Assert.True(state.App(0).Users.TryFind(owner.Id, out var found) & state.App(0).Groups.TryFind(group.Id, out var its));
            return (found.Value, its.Value);
        });
        await SaveAsync(new Name { Number = user }, "by number");
        await _rpc.Client.SaveGroupMessageAsync(new SaveGroupMessageRequest { Group = new Name { Number = number }, Content = Bytes("group by number") });
        Assert.Equal(["by number"], (await InboxAsync(owner)).Texts);
        Assert.Equal(1, (await _rpc.Client.GetNewCountAsync(new GetNewCountRequest { User = new Name { Number = user } })).Count);
        Assert.Single((await _rpc.Client.SyncGroupMessageAsync(new SyncGroupMessageRequest { Group = group })).Messages);
    }

    [Theory, InlineData(1), InlineData(200), InlineData(201), InlineData(450)]
    public async Task One_body_goes_to_many_inboxes_each_with_its_own_place(int count)
    {
        var members = await _rpc.NewUsersAsync(count);
        var before = await SaveAsync(members[^1], "before");
        // Named out of order, and one of them twice.
        Name[] named = [.. members.Reverse(), members[0]];
        var request = new SavePeerGroupMessageRequest { Members = { named }, Content = Bytes("to all") };
        var saved = (await _rpc.Client.SavePeerGroupMessageAsync(request)).Saved;

        Assert.Equal(named.Length, saved.Count);
        Assert.Equal((before.Id, 2), (saved[0].PreviousId, saved[0].Sequence));
        Assert.All(saved.Skip(1).SkipLast(count == 1 ? 1 : 0), place => Assert.Equal((0, 1), (place.PreviousId, place.Sequence)));
        Assert.Equal(saved[count - 1], saved[^1]);
        Assert.Equal((count + 199) / 200, saved.Select(place => place.Id).Distinct().Count());
        foreach (var (member, place) in named.Zip(saved))
        {
            var message = (await _rpc.Client.GetLatestMessageAsync(new GetLatestMessageRequest { User = member, Limit = 1 })).Messages[0];
            Assert.Equal((place.Id, place.Sequence, "to all"), (message.Id, message.Sequence, message.Content.Raw.ToStringUtf8()));
        }
    }

    [Fact]
    public async Task One_unknown_member_and_nobody_gets_it()
    {
        var members = await _rpc.NewUsersAsync(2);
        var committed = _rpc.Log.CommittedPosition;
        var request = new SavePeerGroupMessageRequest { Members = { members[0], new Name { Id = "nobody at all" }, members[1] }, Content = Bytes("x") };
        Assert.Equal((RpcCode.NotFound, Refusal.UnknownUser), await RefusedAsync(() => _rpc.Client.SavePeerGroupMessageAsync(request)));
        Assert.Equal(committed, _rpc.Log.CommittedPosition);
    }

    [Fact]
    public async Task What_does_not_fit_one_batch_is_refused_whole()
    {
        var members = await _rpc.NewUsersAsync(3_000);
        var request = new SavePeerGroupMessageRequest { Members = { members }, Content = Bytes(new string('x', 32 << 10)) };
        var committed = _rpc.Log.CommittedPosition;
        Assert.Equal((RpcCode.InvalidArgument, Refusal.TooLarge), await RefusedAsync(() => _rpc.Client.SavePeerGroupMessageAsync(request)));
        Assert.Equal(committed, _rpc.Log.CommittedPosition);
        request.Content = Bytes("x");
        Assert.Equal(3_000, (await _rpc.Client.SavePeerGroupMessageAsync(request)).Saved.Count);
    }

    [Fact]
    public async Task A_repeat_gets_the_first_answer()
    {
        var (user, owner) = (await _rpc.NewUserAsync(), await _rpc.NewUserAsync());
        var group = await _rpc.NewGroupAsync(owner);
        await SaveAsync(user, "before");
        var first = await SaveAsync(user, "once", "c1");
        await SaveAsync(user, "after");
        Assert.Equal(first, await SaveAsync(user, "once", "c1"));
        Assert.Equal(["before", "once", "after"], (await InboxAsync(user)).Texts);

        var save = new SaveGroupMessageRequest { Group = group, Content = Bytes("g"), ClientMessageId = "c1" };
        Assert.Equal(await _rpc.Client.SaveGroupMessageAsync(save), await _rpc.Client.SaveGroupMessageAsync(save));

        var many = await _rpc.NewUsersAsync(250);
        var all = new SavePeerGroupMessageRequest { Members = { many }, Content = Bytes("m"), ClientMessageId = "c1" };
        var saved = await _rpc.Client.SavePeerGroupMessageAsync(all);
        Assert.Equal(saved, await _rpc.Client.SavePeerGroupMessageAsync(all));
        var reversed = new SavePeerGroupMessageRequest { Members = { many.Reverse() }, Content = Bytes("m"), ClientMessageId = "c1" };
        Assert.Equal(saved.Saved.Reverse(), (await _rpc.Client.SavePeerGroupMessageAsync(reversed)).Saved);
    }

    [Fact]
    public async Task An_id_that_is_used_for_something_else_is_refused()
    {
        var (user, other) = (await _rpc.NewUserAsync(), await _rpc.NewUserAsync());
        await SaveAsync(user, "once", "c1");
        var reused = (RpcCode.AlreadyExists, Refusal.MessageIdReused);
        Assert.Equal(reused, await RefusedAsync(() => SaveAsync(user, "twice", "c1")));
        foreach (var content in new[] { Bytes("once", cmd: 5), Bytes("once", device: 8) })
            Assert.Equal(reused, await RefusedAsync(() => _rpc.Client.SavePeerMessageAsync(new SavePeerMessageRequest { User = user, Content = content, ClientMessageId = "c1" })));
        // To others as well: not what was said the first time.
        var wider = new SavePeerGroupMessageRequest { Members = { user, other }, Content = Bytes("once"), ClientMessageId = "c1" };
        Assert.Equal(reused, await RefusedAsync(() => _rpc.Client.SavePeerGroupMessageAsync(wider)));
        // Another's inbox is another scope.
        Assert.Equal(1, (await SaveAsync(other, "once", "c1")).Sequence);
    }

    [Fact]
    public async Task Without_an_id_a_repeat_is_another_message()
    {
        var user = await _rpc.NewUserAsync();
        await SaveAsync(user, "again");
        await SaveAsync(user, "again");
        Assert.Equal(["again", "again"], (await InboxAsync(user)).Texts);
    }

    [Fact]
    public async Task What_cannot_be_saved_is_refused_clearly()
    {
        var user = await _rpc.NewUserAsync();
        var dismissed = await _rpc.NewGroupAsync(user);
        await _rpc.Sequencer.SubmitAsync(new DismissGroup(0, Actor.Operator, dismissed.Id, false));
        SavePeerMessageRequest Peer(Name? name, Content? content, string clientId = "") => new() { User = name, Content = content, ClientMessageId = clientId };
        (Func<Task> Call, RpcCode Code, Refusal Refusal)[] table =
        [
            (() => _rpc.Client.SavePeerMessageAsync(Peer(new Name { Id = "nobody at all" }, Bytes("x"))), RpcCode.NotFound, Refusal.UnknownUser),
            (() => _rpc.Client.SavePeerMessageAsync(Peer(new Name { Number = 4_000_000_000 }, Bytes("x"))), RpcCode.NotFound, Refusal.UnknownUser),
            (() => _rpc.Client.SavePeerMessageAsync(Peer(null, Bytes("x"))), RpcCode.InvalidArgument, Refusal.None),
            (() => _rpc.Client.SavePeerMessageAsync(Peer(new Name(), Bytes("x"))), RpcCode.InvalidArgument, Refusal.None),
            (() => _rpc.Client.SavePeerMessageAsync(Peer(new Name { Number = 0 }, Bytes("x"))), RpcCode.InvalidArgument, Refusal.None),
            (() => _rpc.Client.SavePeerMessageAsync(Peer(user, null)), RpcCode.InvalidArgument, Refusal.EmptyMessage),
            (() => _rpc.Client.SavePeerMessageAsync(Peer(user, Bytes(""))), RpcCode.InvalidArgument, Refusal.EmptyMessage),
            (() => _rpc.Client.SavePeerMessageAsync(Peer(user, Bytes(new string('x', (32 << 10) + 1)))), RpcCode.InvalidArgument, Refusal.TooLarge),
            (() => _rpc.Client.SavePeerMessageAsync(Peer(user, Bytes("x"), new string('c', 65))), RpcCode.InvalidArgument, Refusal.InvalidId),
            (() => _rpc.Client.SavePeerMessageAsync(new() { App = 99, User = user, Content = Bytes("x") }), RpcCode.NotFound, Refusal.UnknownUser),
            (() => _rpc.Client.SaveGroupMessageAsync(new() { Group = new Name { Id = "no such group" }, Content = Bytes("x") }), RpcCode.NotFound, Refusal.UnknownGroup),
            (() => _rpc.Client.SaveGroupMessageAsync(new() { Group = dismissed, Content = Bytes("x") }), RpcCode.FailedPrecondition, Refusal.GroupDismissed),
            (() => _rpc.Client.SaveGroupMessageAsync(new() { Content = Bytes("x") }), RpcCode.InvalidArgument, Refusal.None),
            (() => _rpc.Client.SavePeerGroupMessageAsync(new() { Content = Bytes("x") }), RpcCode.InvalidArgument, Refusal.None),
            (() => _rpc.Client.SavePeerGroupMessageAsync(new() { Members = { Enumerable.Repeat(user, 10_001) }, Content = Bytes("x") }), RpcCode.InvalidArgument, Refusal.TooMany),
        ];
        var committed = _rpc.Log.CommittedPosition;
        for (var i = 0; i < table.Length; i++) Assert.Equal((i, table[i].Code, table[i].Refusal), await RowAsync(i, table[i].Call));
        Assert.Equal(committed, _rpc.Log.CommittedPosition);
        // And just within the bounds.
        await _rpc.Client.SavePeerMessageAsync(Peer(user, Bytes(new string('x', 32 << 10)), new string('c', 64)));

        static async Task<(int, RpcCode, Refusal)> RowAsync(int row, Func<Task> call)
        {
            var (code, refusal) = await RefusedAsync(call);
            return (row, code, refusal);
        }
    }

    static async Task<(RpcCode, Refusal)> RefusedAsync(Func<Task> call)
    {
        var fault = (await Assert.ThrowsAsync<RpcException>(call)).Fault;
        Assert.NotEmpty(fault.Message);
        return (fault.Code, fault.Refusal);
    }
}
