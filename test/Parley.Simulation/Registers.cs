using System.Text;
using Parley.Core;
using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Messages;
using Parley.Core.Records;
using Parley.Core.Users;
using Parley.Store;

namespace Parley.Simulation;

/// <summary>What clients know of a group that does not change.</summary>
/// <param name="IsOpen">Whoever asks comes in; else they apply.</param>
sealed record GroupPlan(long App, string Id, GroupKind Kind, bool IsOpen, bool ShowsHistory);

/// <summary>All that commands set, by what it is.</summary>
sealed class Registers
{
    public const string Yes = "yes";
    public const string Recalled = "recalled";
    public const string Deleted = "deleted";

    readonly Dictionary<(long App, string Name), Register> _all = [];

    public IReadOnlyCollection<Register> All => _all.Values;

    /// <summary>Nothing is under way, and the state is what it is.</summary>
    public void Settle(State state, Log log)
    {
        foreach (var (name, register) in _all)
        {
            var value = register.Read(state, log);
            register.Settle(value);
            // One that is asked for anew is empty as well.
            if (value is "") _all.Remove(name);
        }
    }

    /// <summary>Empty: there is no such group.</summary>
    public Register Owner(GroupPlan group) => OfGroup(group, "owner", view => view.OwnerId);

    public Register GroupName(GroupPlan group) => OfGroup(group, "name", view => view.Name);

    public Register IsMuted(GroupPlan group) => OfGroup(group, "mute", view => If(view.IsMuted));

    public Register IsDismissed(GroupPlan group) => OfGroup(group, "end", view => If(view.IsDismissed));

    public Register IsSuper(GroupPlan group) => OfGroup(group, "kind", view => If(view.Kind == GroupKind.Super));

    public Register Member(GroupPlan group, UserName user) => OfMember(group, user, "member", view => If(view.Role != GroupRole.None));

    /// <summary>Owner or administrator.</summary>
    public Register Leads(GroupPlan group, UserName user) => OfMember(group, user, "leader", view => If(view.Role >= GroupRole.Administrator));

    public Register MemberExtra(GroupPlan group, UserName user) => OfMember(group, user, "extra", view => view.Extra);

    public Register MemberMute(GroupPlan group, UserName user) => OfMember(group, user, "mute", view => If(view.MutedUntil > 0));

    public Register Application(GroupPlan group, UserName user) => OfApplication(group, user, "application", application => application.Message);

    public Register ApplicationAnswer(GroupPlan group, UserName user) => OfApplication(group, user, "answer", application => application.Answer.ToString());

    public Register Friend(UserName owner, UserName user)
        => OfPair(owner, user, "friend", (app, a, b) => If(app.Contacts.IsFriend(a, b)));

    public Register Remark(UserName owner, UserName user)
        => OfPair(owner, user, "remark", (app, a, b) => app.Contacts.TryFindFriend(a, b, out var friend) ? friend!.Remark : "");

    public Register Block(UserName owner, UserName user)
        => OfPair(owner, user, "block", (app, a, b) => If(app.Contacts.IsBlocked(a, b)));

    public Register Request(UserName from, UserName to)
        => OfPair(from, to, "request", (app, a, b) => app.Contacts.TryFindRequest(a, b, out var request) ? request!.Message : "");

    public Register RequestAnswer(UserName from, UserName to)
        => OfPair(from, to, "answer", (app, a, b) => app.Contacts.TryFindRequest(a, b, out var request) ? request!.Answer.ToString() : "");

    public Register Face(UserName user) => OfUser(user, "face", (app, number) => app.Users.Profile(number).FaceUrl);

    public Register ProfileExtra(UserName user) => OfUser(user, "extra", (app, number) => app.Users.Profile(number).Extra);

    /// <summary>Empty as long as nobody set it: it is <see cref="ReceiveOption.Notify"/> then.</summary>
    public Register Receive(UserName user) => OfUser(user, "receive", (app, number) => app.Users.Profile(number).Receive is not ReceiveOption.Notify and var receive ? receive.ToString() : "");

    public Register Value(UserName user, string key)
        => OfUser(user, $"value {key}", (app, number) => app.Values.TryFind(number, UserValueSpace.Command, key, out var value) ? value!.Value : "");

    public Register Attached(UserName user, ConversationKey key)
        => OfUser(user, $"attached {key.Feed.Value:x}", (app, number) => app.Conversations.SettingsOf(key, number).Attached);

    public Register IsPrivate(UserName user, ConversationKey key)
        => OfUser(user, $"private {key.Feed.Value:x}", (app, number) => If(app.Conversations.SettingsOf(key, number).IsPrivate));

    /// <summary>What became of a message: empty, <see cref="Edited"/> with the text, <see cref="Recalled"/> or <see cref="Deleted"/>.</summary>
    public Register Content(long number, ConversationKey key, long sequence)
        => Get(number, $"content {key.Feed.Value:x} {sequence}", (app, log) => app.Operations.Of(key, sequence) is var operation ? operation.Fate switch
        {
            MessageFate.Recalled => Recalled,
            MessageFate.Deleted => Deleted,
            MessageFate.Edited => log.ReadFrom(operation.Position, 1, int.MaxValue) is [var stored] && Core.Records.Record.Read(stored.Type, stored.Body) is MessageEdited edited ? Edited(edited.Body) : null,
            _ => "",
        } : null);

    public static string Edited(ReadOnlyMemory<byte> body) => $"edited {Encoding.UTF8.GetString(body.Span)}";

    public Register IsHidden(UserName user, ConversationKey key, long sequence)
        => OfUser(user, $"hidden {key.Feed.Value:x} {sequence}", (app, number)
            // What is cleared away can't be hidden any more.
            => app.Conversations.TryView(key, number, out var view) && sequence < view.Minimum ? null : If(app.Operations.IsHidden(key, number, sequence)));

    public Register Reaction(UserName user, ConversationKey key, long sequence, string text)
        => OfUser(user, $"reaction {key.Feed.Value:x} {sequence} {text}", (app, number)
            => IsGone(app, key, sequence) ? null : If(app.Reactions.Contains(key, sequence, number, text)));

    public Register Pin(long number, ConversationKey key, long sequence)
        => Get(number, $"pin {key.Feed.Value:x} {sequence}", (app, _) => IsGone(app, key, sequence) ? null : If(app.Pins.Contains(key, sequence)));

    static bool IsGone(AppState app, ConversationKey key, long sequence) => app.Operations.Of(key, sequence).Fate is MessageFate.Recalled or MessageFate.Deleted;

    public static string If(bool holds) => holds ? Yes : "";

    Register OfGroup(GroupPlan group, string what, Func<GroupView, string> read)
        => Get(group.App, $"{what} of {group.Id}", (app, _) => app.Groups.TryFind(group.Id, out var number) ? read(app.Groups.View(number)) : "");

    Register OfMember(GroupPlan group, UserName user, string what, Func<MemberView, string> read)
        => Get(group.App, $"{what} {user.Id} of {group.Id}", (app, _)
            => app.Groups.TryFind(group.Id, out var number) && app.Users.TryFind(user.Id, out var member) && app.Members.TryView(number, member, out var view) ? read(view!) : "");

    Register OfApplication(GroupPlan group, UserName user, string what, Func<GroupApplication, string> read)
        => Get(group.App, $"{what} of {user.Id} to {group.Id}", (app, _)
            => app.Groups.TryFind(group.Id, out var number) && app.Users.TryFind(user.Id, out var applicant) && app.Applications.TryFind(number, applicant, out var found) ? read(found!) : "");

    Register OfPair(UserName one, UserName other, string what, Func<AppState, UserNumber, UserNumber, string> read)
        => Get(one.App, $"{what} of {one.Id} and {other.Id}", (app, _) => app.Users.TryFind(one.Id, out var a) && app.Users.TryFind(other.Id, out var b) ? read(app, a, b) : "");

    Register OfUser(UserName user, string what, Func<AppState, UserNumber, string?> read)
        => Get(user.App, $"{what} of {user.Id}", (app, _) => app.Users.TryFind(user.Id, out var number) ? read(app, number) : "");

    Register Get(long app, string name, Func<AppState, Log, string?> read)
    {
        if (!_all.TryGetValue((app, name), out var register)) _all[(app, name)] = register = new Register(app, name, read);
        return register;
    }
}
