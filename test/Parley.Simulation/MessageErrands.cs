using System.Text;
using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Messages;
using Parley.Core.Notices;
using Parley.Core.Users;

namespace Parley.Simulation;

/// <summary>What a user does with messages that are there: reads them, and recalls, edits, deletes, hides, pins or reacts to one.</summary>
sealed class MessageErrands(UserName user, Cast cast, Model model)
{
    static readonly string[] Reactions = ["+1", "?"];

    Registers Registers => model.Registers;

    UserNumber Number => new(model.Numbers[user]);

    /// <summary>Looks at a conversation, reads a page of it and what is told about it, and does something to one of the messages.</summary>
    public async Task RunAsync(Server server, Recipient to, GroupPlan? group)
    {
        var floor = model.FloorOf(user, to);
        var (isThere, view) = await server.Sequencer.QueryAsync((state, _) => Find(state.App(user.App), to));
        model.Check(isThere || floor.Last == 0, 4, () => $"{user} and {to} have no conversation; it was shown up to {floor.Last}");
        if (!isThere) return;

        model.ShowView(user, to, view, floor);
        var page = await ReadPageAsync(server, to, view);
        if (!view.HasLeft) await ReadNoticesAsync(server, view.Key);
        if (page.Count == 0 || cast.Chance(30)) return;

        var chosen = cast.OneOf(page);
        var isByAdministration = cast.Chance(10);
        var actor = isByAdministration ? Actor.Administrator : Actor.Of(Number);
        var target = await server.Messages.FindAsync(user.App, actor.User, view.Key, chosen.Sequence);
        model.Check(target is not null || chosen.Message.Traits.HasFlag(MessageTraits.System) || MayBeCleared(to, chosen.Sequence), 4, () => $"{user} read {chosen} and does not find it");
        if (target is not null) await OperateAsync(server, to, group, target, actor);
    }

    (bool, ConversationView) Find(AppState app, Recipient to)
    {
        var view = default(ConversationView);
        if (to.Kind == ConversationKind.Group)
            return (app.Groups.TryFind(to.Id, out var group) && app.Conversations.TryView(ConversationKey.Of(group), Number, out view), view);
        return (app.Users.TryFind(to.Id, out var peer) && app.Conversations.TryView(ConversationKey.Peer(Number, peer), Number, out view), view);
    }

    async Task<IReadOnlyList<StoredMessage>> ReadPageAsync(Server server, Recipient to, ConversationView view)
    {
        var from = 1 + cast.Random.NextInt64(view.Last);
        var count = 1 + cast.Random.Next(12);
        var end = from + Math.Min(cast.Random.Next(20), count - 1);
        var states = Enumerable.Range(0, count).Select(i => (from + i, Registers.Content(user.App, view.Key, from + i), Registers.IsHidden(user, view.Key, from + i)))
            .ToDictionary(entry => entry.Item1, entry => (Content: entry.Item2, ContentFloor: entry.Item2.Floor, Hidden: entry.Item3, HiddenFloor: entry.Item3.Floor));
        var page = await server.Messages.ReadAsync(user.App, Number, view.Key, from, end, count);

        // What is cleared meanwhile is left out at the beginning.
        var next = page.Count > 0 ? page[0].Sequence : from;
        model.Check(next <= Math.Max(from, view.Minimum) || MayBeCleared(to, next - 1), 2, () => $"{user} read {from}..{end} from {next} on with {view}");
        model.Check(Math.Min(end, view.Last) < Math.Max(from, view.Minimum) || (page.Count > 0 ? page[^1].Sequence >= Math.Min(end, view.Last) : MayBeCleared(to, Math.Min(end, view.Last))), 2,
            () => $"{user} read {from}..{end} with {view} and got {page.Count} messages to {(page.Count > 0 ? page[^1].Sequence : 0)}");
        foreach (var message in page)
        {
            model.Check(message.Sequence == next++, 2, () => $"{user} read {message} where {next - 1} should be");
            var (content, contentFloor, hidden, hiddenFloor) = states[message.Sequence];
            var isHidden = message.IsDeleted && hidden.MayHold(Registers.Yes, hiddenFloor);
            var held = message.IsDeleted ? Registers.Deleted : message.Recall is not null ? Registers.Recalled : message.EditedAt > 0 ? Registers.Edited(message.Message.Body) : "";
            model.Check(isHidden || (content.MayHold(held, contentFloor) && hidden.MayHold("", hiddenFloor)), 1, () => $"{user} read {message} as '{held}', and that {content} can't be");
            if (held.Length > 0) model.Reached.Add(message.EditedAt > 0 ? Tally.EditRead : Tally.GoneRead);
            if (message.IsDeleted || message.Recall is not null)
                model.Check(message.Message is { Body.IsEmpty: true, Kind: ContentKind.None }, 1, () => $"{user} read {Encoding.UTF8.GetString(message.Message.Body.Span)} of a message that is gone");
            else if (message.EditedAt == 0)
                Show(to, view, message);
        }

        return page;
    }

    void Show(Recipient to, in ConversationView view, StoredMessage message)
    {
        var isOwn = message.SenderId == user.Id;
        model.Show(ShownMessages.Of(message.Message, new UserName(user.App, message.SenderId), isOwn || view.Name.IsGroup ? to : Recipient.User(user.Id), message.Position, message.Sequence, message.Time), user);
    }

    bool MayBeCleared(Recipient to, long sequence) => model.MarkOf(new MarkName(user, to, MarkKind.Minimum)).Ceiling > sequence || to.Kind == ConversationKind.Group;

    /// <summary>Kept notices have their feed, without a gap.</summary>
    async Task ReadNoticesAsync(Server server, ConversationKey key)
    {
        var reader = new NoticeReader(server.Log, server.Sequencer);
        var last = reader.Last(user.App, FeedIds.Notices(key));
        if (last == 0) return;
        var from = 1 + cast.Random.NextInt64(last);
        var notices = await reader.ReadAsync(user.App, key, Number, from, last, int.MaxValue);
        var isIn = key.Kind != ConversationKind.Group || notices.Count > 0;
        model.Check(!isIn || notices.Select(notice => notice.Sequence).SequenceEqual(Enumerable.Range(0, (int)(last - from + 1)).Select(i => from + i)), 2,
            () => $"{user} read notices {string.Join(' ', notices.Select(notice => notice.Sequence))} of {from}..{last}");
    }

    Task OperateAsync(Server server, Recipient to, GroupPlan? group, MessageTarget target, Actor actor)
    {
        var (key, sequence, by) = (target.Conversation, target.Sequence, actor.User);
        var content = Registers.Content(user.App, key, sequence);
        var gone = new Excuse(Refusal.MessageGone, content, held => held is Registers.Recalled or Registers.Deleted);
        Excuse[] outside = actor.Kind != ActorKind.User ? [] : Outside(to, group, key, sequence);
        Excuse[] muted = actor.Kind != ActorKind.User || group is null ? [] : Muted(group);
        Excuse[] notMine = actor.Kind != ActorKind.User || target.Sender == Number ? [] : [Excuse.Always(Refusal.NotAllowed)];
        // Who leads a group may end what was said by those below.
        Excuse[] notTheirs = notMine.Length > 0 && group is not null
            ? [Excuse.Any(Refusal.NotAllowed), Excuse.When(Refusal.NotAllowed, Registers.Leads(group, user), "")] : notMine;
        switch (cast.Random.Next(100))
        {
            case < 30:
                return server.CarryOutAsync(new RecallMessage(user.App, actor, by, target), [new(content, Registers.Recalled)], [gone, .. outside, .. notTheirs]);
            case < 45:
                var body = Encoding.UTF8.GetBytes(cast.NewText());
                return server.CarryOutAsync(new EditMessage(user.App, actor, by, target, ContentKind.Text, body), [new(content, Registers.Edited(body))], [gone, .. outside, .. muted, .. notMine]);
            case < 60:
                return server.CarryOutAsync(new DeleteMessages(user.App, actor, by, [target]), [new(content, Registers.Deleted)], [.. outside, .. notTheirs]);
            case < 75:
                return server.CarryOutAsync(new HideMessages(user.App, Actor.Of(Number), Number, key, [sequence], cast.Chance(50)), [new(Registers.IsHidden(user, key, sequence), Registers.Yes)]);
            case < 90:
                var (reaction, isRemoved) = (cast.OneOf(Reactions), cast.Chance(30));
                return server.CarryOutAsync(new React(user.App, Actor.Of(Number), Number, target, reaction, isRemoved),
                    [new(Registers.Reaction(user, key, sequence, reaction), Registers.If(!isRemoved))], [gone, .. Outside(to, group, key, sequence), .. group is null ? [] : Muted(group)]);
            default:
                var isPinned = cast.Chance(70);
                Excuse[] notLeading = actor.Kind == ActorKind.User && group is not null ? [Excuse.When(Refusal.NotAllowed, Registers.Leads(group, user), "")] : [];
                return server.CarryOutAsync(new PinMessage(user.App, actor, by, target, isPinned), [new(Registers.Pin(user.App, key, sequence), Registers.If(isPinned))],
                    [gone, .. outside, .. muted, .. notLeading]);
        }
    }

    /// <summary>What keeps a user from doing something to a message: they are out of the conversation or don't see it.</summary>
    Excuse[] Outside(Recipient to, GroupPlan? group, ConversationKey key, long sequence) =>
    [
        Excuse.When(Refusal.UnknownMessage, Registers.IsHidden(user, key, sequence), Registers.Yes),
        Excuse.AnyIf(Refusal.UnknownMessage, () => MayBeCleared(to, sequence)),
        .. group is null
            ? to.Id == user.Id ? Array.Empty<Excuse>() : [Excuse.When(Refusal.Blocked, Registers.Block(new UserName(user.App, to.Id), user), Registers.Yes)]
            : [Excuse.When(Refusal.NotAMember, Registers.Member(group, user), ""), Excuse.When(Refusal.GroupDismissed, Registers.IsDismissed(group), Registers.Yes)],
    ];

    /// <summary>What keeps a member from saying anything for a while; not the owner.</summary>
    public Excuse[] Muted(GroupPlan group) =>
    [
        Excuse.When(Refusal.GroupMuted, Registers.IsMuted(group), Registers.Yes, isSure: false),
        Excuse.When(Refusal.Muted, Registers.MemberMute(group, user), Registers.Yes, isSure: false),
    ];
}
