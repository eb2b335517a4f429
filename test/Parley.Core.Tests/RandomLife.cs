using System.Text;
using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Messages;
using Parley.Core.Tokens;
using Parley.Core.Users;
using Parley.Store;

namespace Parley.Core.Tests;

/// <summary>Random commands of every kind in two apps. Many are refused; what is not becomes a log that has come by everything the state knows.</summary>
sealed class RandomLife(RunningCore core, Random random)
{
    const int Users = 8, Groups = 5;
    static readonly long[] Apps = [0, 7];
    readonly List<TokenKey> _keys = [];
    int _ids;

    /// <summary>The records of such a life, from the first on.</summary>
    public static async Task<IReadOnlyList<LogRecord>> RecordsAsync(int seed, int commands, CoreOptions? options = null)
    {
        await using var core = await RunningCore.StartAsync(options);
        await new RandomLife(core, new Random(seed)).RunAsync(commands);
        return core.Log.ReadFrom(1, int.MaxValue, int.MaxValue);
    }

    public async Task RunAsync(int commands)
    {
        foreach (var app in Apps)
            for (var i = app == 0 ? 4 : 1; i <= Users; i++)
                await core.Sequencer.SubmitAsync(new RegisterUsers(app, Actor.Operator, [new NewUser(NameOf(app, i), $"Nick {i}", "http://face", i == 5 ? "extra" : "", i == 6 ? "hash" : null) { Level = i == 7 ? UserLevel.Robot : UserLevel.Ordinary }]));
        await GoOnAsync(commands);
    }

    /// <summary>More of the same.</summary>
    public async Task GoOnAsync(int commands)
    {
        for (var i = 0; i < commands; i++) await StepAsync(Pick(Apps), i);
    }

    async Task StepAsync(long app, int i)
    {
        var (by, other) = (Number(), Number());
        var actor = random.Next(4) == 0 ? Actor.Administrator : Actor.Of(by);
        var (id, otherId, group) = (NameOf(app, by.Value), NameOf(app, other.Value), $"g_{random.Next(Groups)}");
        // What pairs of users have is to end as well as to begin.
        var few = NameOf(app, 1 + (other.Value % 3));
        var to = random.Next(2) == 0 ? Recipient.User(otherId) : Recipient.Group(group);
        var key = await core.Sequencer.QueryAsync((state, _) => to.Kind == ConversationKind.Group && state.App(app).Groups.TryFind(group, out var number) ? ConversationKey.Of(number) : ConversationKey.Peer(by, other));
        Command? command = random.Next(37) switch
        {
            < 8 => new SendMessage(app, Actor.Of(by), TextOf(app, by), to, AllowSelf: true),
            8 => new CreateGroup(app, actor, group, random.Next(2) == 0 ? GroupKind.Normal : GroupKind.Super, AnyDetails(), id, [NameOf(app, 1 + (by.Value % Users))], [NameOf(app, 1 + ((by.Value + 1) % Users))]),
            9 => new ChangeGroup(app, actor, group, AnyDetails()),
            10 => random.Next(8) == 0 ? new DismissGroup(app, actor, group, random.Next(2) == 0) : new MuteGroup(app, actor, group, random.Next(3) == 0),
            11 => new JoinGroup(app, Actor.Of(by), group, id, "let me in", "extra", JoinSource.Search, otherId),
            12 => new InviteMembers(app, actor, group, [otherId, NameOf(app, Number().Value)], "come"),
            13 => new AnswerApplication(app, Actor.Administrator, group, otherId, random.Next(2) == 0, "so be it"),
            14 => new QuitGroup(app, actor, group, id),
            15 => new RemoveMembers(app, actor, group, [otherId], "go"),
            16 => new ChangeMember(app, Actor.Administrator, group, otherId, Any("nick"), Any("face"), Any("extra"), random.Next(3) == 0 ? GroupRole.Administrator : null),
            17 => new MuteMember(app, Actor.Administrator, group, otherId, random.Next(2) * 1_000),
            18 => random.Next(3) == 0 ? new TransferGroup(app, Actor.Administrator, group, otherId) : new MakeSuperGroup(app, actor, group),
            19 => new RequestFriend(app, Actor.Of(by), id, few, Any("hello") ?? "", Any("x") ?? ""),
            20 => new AnswerFriendRequest(app, Actor.Of(by), id, few, random.Next(3) > 0, Any("fine") ?? ""),
            21 => random.Next(2) == 0 ? new DeleteFriend(app, actor, id, few) : new ImportFriends(app, Actor.Administrator, id, [few]),
            22 => new ChangeFriends(app, Actor.Of(by), id, [few], Any("remark"), random.Next(2) == 0, Any("extra")),
            23 => random.Next(2) == 0 ? new BlockUser(app, Actor.Of(by), id, few, Any("x") ?? "") : new UnblockUser(app, Actor.Of(by), id, few),
            24 => random.Next(6) == 0 ? new ClearConversation(app, Actor.Of(by), by, key, random.Next(2) == 0) : new MoveMark(app, Actor.Of(by), by, key, random.Next(3) == 0 ? MarkKind.Minimum : MarkKind.Read, random.Next(20)),
            25 => new ChangeConversation(app, Actor.Of(by), by, key, new ConversationChange
            {
                Receive = (ReceiveOption)random.Next(3),
                IsPinned = random.Next(2) == 0,
                IsPrivate = random.Next(2) == 0,
                BurnSeconds = random.Next(3),
                SeesMentions = true,
                Attached = Any("attached"),
                Extra = Any("extra"),
                DestructSeconds = random.Next(2),
                IsDestructing = random.Next(2) == 0,
            }),
            26 => new ChangeProfile(app, actor, id, Any("new nick"), Any("new face"), Any("profile"), (ReceiveOption)random.Next(3)),
            27 => new SetUserValue(app, Actor.Administrator, random.Next(3) == 0 ? "" : id, (UserValueSpace)(1 + random.Next(4)), $"key{random.Next(3)}", random.Next(3) == 0 ? null : $"value {i}", Any("extra") ?? ""),
            28 => random.Next(4) == 0 ? new RevokeTokens(app, Actor.Operator, id, 1) : IssueToken(app, random.Next(3) == 0 ? null : id),
            29 => new HideMessages(app, Actor.Of(by), by, key, [1 + random.Next(5), 6], TellsOwnDevices: false),
            30 => new SendNotification(app, Actor.Administrator, random.Next(2) == 0 ? "" : id, to, "k", Any("data") ?? "", IsKept: true),
            31 => new SaveToInboxes(app, Actor.Administrator, $"saved-{random.Next(20)}", new RawContent(1, 2, "saved"u8.ToArray()), [new(id, 0), .. random.Next(2) == 0 ? [] : new Addressee[] { new(otherId, 0) }]),
            32 => random.Next(12) == 0 ? await EraseAsync(app, otherId) : null,
            _ => await OperationAsync(app, by, key),
        };
        if (command is not null) await core.Sequencer.SubmitAsync(command);
    }

    /// <summary>Sometimes somebody comes later under the same id.</summary>
    async Task<Command?> EraseAsync(long app, string id)
    {
        await core.Sequencer.SubmitAsync(new EraseUser(app, Actor.Administrator, id));
        return random.Next(2) == 0 ? null : new RegisterUsers(app, Actor.Operator, [new NewUser(id, "Nick again")]);
    }

    async Task<Command?> OperationAsync(long app, UserNumber by, ConversationKey key)
    {
        var last = await core.Sequencer.QueryAsync((state, _) => state.App(app).Conversations.TryView(key, by, out var view) ? view.Last : 0);
        if (last == 0 || await core.Reader.FindAsync(app, UserNumber.Administration, key, 1 + random.NextInt64(last)) is not { } target) return null;
        return random.Next(10) switch
        {
            0 => new RecallMessage(app, Actor.Administrator, default, target),
            1 or 2 => new EditMessage(app, Actor.Administrator, default, target, ContentKind.Text, "edited"u8.ToArray()),
            3 => new DeleteMessages(app, Actor.Administrator, default, [target]),
            5 => new EraseMessages(app, Actor.Administrator, key, [1 + random.NextInt64(last), target.Sequence]),
            6 when random.Next(2) == 0 => new CutConversation(app, Actor.Administrator, key, 1 + random.NextInt64(1 + (last / 2))) { TellsDevices = random.Next(2) == 0 },
            4 => new PinMessage(app, Actor.Administrator, by, target, random.Next(3) > 0),
            _ => new React(app, Actor.Of(by), by, target, random.Next(3) == 0 ? "+1" : "ü", random.Next(3) == 0),
        };
    }

    IssueToken IssueToken(long app, string? id)
        => new(app, Actor.Operator, id, 1 + random.Next(3), NewKey(), DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeMilliseconds() * 1_000) { Apps = id is null ? [.. Apps.Take(random.Next(3))] : [] };

    Message TextOf(long app, UserNumber by)
    {
        var id = random.Next(3) switch { 0 => $"{++_ids:x32}", 1 => $"ü-{++_ids}", _ => $"id-{random.Next(20)}" };
        return new Message(by, id, ContentKind.Text, Encoding.UTF8.GetBytes($"text of {id}"), 1, 5)
        {
            Traits = random.Next(5) == 0 ? MessageTraits.NotCounted : MessageTraits.None,
            Mentions = random.Next(4) switch { 0 => [Message.Everyone], 1 => [NameOf(app, 1), NameOf(app, 2)], _ => [] },
            SenderNickname = "nick",
            SenderFaceUrl = Any("face") ?? "",
            Attached = Any("attached") ?? "",
            Extra = Any("extra") ?? "",
            Push = random.Next(4) == 0 ? new PushText("title", "text", "", "sound", random.Next(2) == 0) : null,
            Origin = random.Next(4) == 0 ? new byte[] { 1, 2, 3 } : default,
        };
    }

    TokenKey NewKey()
    {
        // The random of the seed, not that of real tokens: a seed decides the log but for its times.
        Assert.True(TokenKey.TryFrom($"token {random.NextInt64()}", out var key));
        _keys.Add(key);
        return key;
    }

    GroupDetails AnyDetails() => new()
    {
        Name = Any("name"),
        Announcement = Any("announcement"),
        Introduction = Any("introduction"),
        FaceUrl = Any("face"),
        Extra = Any(""),
        JoinRule = random.Next(2) == 0 ? null : (JoinRule)random.Next(3),
        HidesMembers = Maybe(),
        ForbidsFriendRequests = Maybe(),
        ShowsHistory = Maybe(),
    };

    bool? Maybe() => random.Next(3) switch { 0 => null, 1 => true, _ => false };

    string? Any(string text) => random.Next(3) switch { 0 => null, 1 => text, _ => $"{text} {random.Next(100)}" };

    T Pick<T>(T[] items) => items[random.Next(items.Length)];

    UserNumber Number() => new((uint)random.Next(1, Users + 1));

    static string NameOf(long app, long number) => app != 0 ? $"app{app}-u{number}" : number switch { 1 => "alice", 2 => "bob", 3 => "carol", _ => $"u{number}" };
}
