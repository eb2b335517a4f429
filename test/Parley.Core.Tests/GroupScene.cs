using Parley.Core.Commands;
using Parley.Core.Groups;
using Parley.Core.Users;
using static Parley.Core.Tests.RunningCore;

namespace Parley.Core.Tests;

/// <summary>Shorter ways to say what tests of groups do.</summary>
static class GroupScene
{
    public static readonly UserNumber Dave = new(4), Erin = new(5), Frank = new(6);

    /// <summary>A core with dave (4), erin (5) and frank (6) as well.</summary>
    public static async Task<RunningCore> StartWithSixAsync(CoreOptions? options = null)
    {
        var core = await StartAsync(options);
        Assert.Equal(Refusal.None, await core.TryAsync(new RegisterUsers(0, Actor.Operator, [new("dave", "Dave"), new("erin", "Erin"), new("frank", "Frank")])));
        return core;
    }

    /// <summary>Submits, and returns when not only the answer but all deliveries are where they belong: an answer may be there before its batch's deliveries are.</summary>
    public static async Task<Outcome> SubmitAsync(this RunningCore core, Command command)
    {
        var outcome = await core.Sequencer.SubmitAsync(command);
        // Whatever is decided now is decided in a later batch, when everything of this one is out.
        await core.Sequencer.SubmitAsync(new RegisterUsers(0, default, []));
        return outcome;
    }

    public static async Task<Refusal> TryAsync(this RunningCore core, Command command) => (await core.SubmitAsync(command)).Refusal;

    public static async Task DoAsync(this RunningCore core, Command command) => Assert.Equal(Refusal.None, await core.TryAsync(command));

    /// <summary>Alice's group.</summary>
    public static CreateGroup Create(string group = "g", string[]? members = null, string[]? administrators = null, GroupDetails? details = null, GroupKind kind = GroupKind.Super)
        => new(0, Actor.Of(Alice), group, kind, details ?? new GroupDetails { Name = "Group" }, "alice", administrators ?? [], members ?? []);

    public static SendMessage Say(this RunningCore core, UserNumber sender, string text = "hello", string group = "g")
        => new(0, Actor.Of(sender), core.Text(sender, text), Recipient.Group(group), AllowSelf: false);

    public static ValueTask<T> AskAsync<T>(this RunningCore core, Func<AppState, T> question) => core.Sequencer.QueryAsync((state, _) => question(state.App(0)));

    public static async Task<GroupView> ViewAsync(this RunningCore core, string group = "g")
        => await core.AskAsync(app => app.Groups.TryFind(group, out var number) ? app.Groups.View(number) : throw new ArgumentException(group, nameof(group)));

    /// <summary>Ids in the order of the list.</summary>
    public static async Task<string[]> MembersAsync(this RunningCore core, string group = "g")
    {
        var number = (await core.ViewAsync(group)).Number;
        return await core.AskAsync(app => app.Members.Page(number, 0, int.MaxValue).Select(member => member.UserId).ToArray());
    }

    public static async Task<MemberView> MemberAsync(this RunningCore core, UserNumber user, string group = "g")
    {
        var number = (await core.ViewAsync(group)).Number;
        return await core.AskAsync(app => app.Members.View(number, user));
    }

    /// <summary>Everything an edge could show of groups, as text: equal states give equal texts.</summary>
    public static ValueTask<string> DigestAsync(this RunningCore core) => core.AskAsync(app =>
    {
        var lines = new List<string>();
        var users = app.Users.Page(0, int.MaxValue).ToArray();
        for (var number = 1u; number <= app.Groups.Count; number++)
        {
            var group = new GroupNumber(number);
            lines.Add(app.Groups.View(group).ToString());
            lines.AddRange(app.Members.Page(group, 0, int.MaxValue).Select(member => member.ToString()));
            lines.AddRange(users.Select(user => app.Members.TryView(group, user, out var view) ? view!.ToString() : "-"));
            lines.AddRange(app.Applications.To(group).Select(application => application.ToString()));
        }

        foreach (var user in users)
        {
            lines.Add($"{user}: {app.Users.Row(user).JoinedGroupsVersion} {app.Conversations.VersionOf(user)} {string.Join(' ', app.Members.AllGroupsOf(user))} {app.Members.MembershipCount(user)}");
            lines.AddRange(app.Conversations.Of(user).Select(conversation => conversation.ToString()));
            lines.AddRange(app.Applications.From(user).Select(application => application.ToString()));
        }

        return string.Join('\n', lines);
    });
}
