using Parley.Core.Commands;
using Parley.Core.Contacts;
using Parley.Core.Groups;
using Parley.Core.Notices;
using Parley.Core.Sessions;
using static Parley.Core.Tests.GroupScene;
using static Parley.Core.Tests.RunningCore;

namespace Parley.Core.Tests;

public sealed class GroupApplicationTests
{
    [Theory]
    [InlineData(JoinRule.ApprovalUnlessInvited, false, true, true)]
    [InlineData(JoinRule.Approval, false, false, true)]
    [InlineData(JoinRule.Open, true, true, true)]
    public async Task Who_comes_in_unasked_is_the_groups_to_say(JoinRule rule, bool whoJoins, bool whomMembersInvite, bool whomLeadersInvite)
    {
        await using var core = await StartWithSixAsync();
        await core.DoAsync(Create(members: ["bob"], administrators: ["carol"], details: new GroupDetails { JoinRule = rule }));
        await core.DoAsync(new JoinGroup(0, Actor.Of(Dave), "g", "dave", "hello", "", JoinSource.Search, ""));
        await core.DoAsync(new InviteMembers(0, Actor.Of(Bob), "g", ["erin"], "a friend"));
        await core.DoAsync(new InviteMembers(0, Actor.Of(Carol), "g", ["frank"], ""));
        var members = await core.MembersAsync();
        Assert.Equal([whoJoins, whomMembersInvite, whomLeadersInvite], new[] { "dave", "erin", "frank" }.Select(members.Contains));
        var waiting = await core.AskAsync(app => app.Applications.To(new GroupNumber(1)).Select(application => application.User.Id).ToArray());
        Assert.Equal(new[] { "erin", "dave", "frank" }.Except(members), waiting);
    }

    [Fact]
    public async Task An_application_is_told_to_who_may_answer_and_its_answer_to_all_of_them()
    {
        await using var core = await StartWithSixAsync();
        await core.DoAsync(Create(members: ["bob"], administrators: ["carol"], details: new GroupDetails { JoinRule = JoinRule.Approval }));
        var sessions = new Dictionary<string, Session>();
        foreach (var id in new[] { "alice", "bob", "carol", "dave" }) sessions[id] = (await core.ConnectAsync(id)).Session;
        string[] Told<T>(Func<T, bool> isIt) where T : Notice => [.. sessions.Where(pair => TakeAll(pair.Value).OfType<NoticeDelivery>().Any(delivery => delivery.Notice is T notice && isIt(notice))).Select(pair => pair.Key)];

        var asked = await core.SubmitAsync(new InviteMembers(0, Actor.Of(Bob), "g", ["dave"], "a friend"));
        Assert.Equal(["alice", "carol", "dave"], Told<ApplicationNotice>(notice => notice.Event == ApplicationEvent.Made && notice.By is null && notice.Application is
        {
            GroupId: "g", User.Id: "dave", Message: "a friend", Source: JoinSource.Invitation, InviterId: "bob", Answer: Answer.Open, AnswererId: "", AnsweredAt: 0,
        } && notice.Application.RequestedAt == asked.Time));

        var answered = await core.SubmitAsync(new AnswerApplication(0, Actor.Of(Carol), "g", "dave", true, "welcome"));
        Assert.True(answered.IsAccepted);
        var application = await core.AskAsync(app => app.Applications.From(Dave).Single());
        Assert.Equal((Answer.Accepted, "carol", "welcome", answered.Time), (application.Answer, application.AnswererId, application.AnswerMessage, application.AnsweredAt));
        var told = TakeAll(sessions["dave"]);
        Assert.Equal((ApplicationEvent.Accepted, "carol", application), ((NoticeDelivery)told[0]).Notice is ApplicationNotice first ? (first.Event, first.By!.UserId, first.Application) : default);
        Assert.Equal((GroupEvent.MembersInvited, "carol", "bob", "dave"),
            ((NoticeDelivery)told[1]).Notice is GroupNotice second ? (second.Event, second.By!.UserId, second.Inviter!.UserId, second.Members.Single().UserId) : default);
        Assert.IsType<MessageDelivery>(told[2]);
        Assert.Equal(["alice", "carol"], Told<ApplicationNotice>(notice => notice.Event == ApplicationEvent.Accepted));
        Assert.Equal(("bob", "carol"), await core.MemberAsync(Dave) is var member ? (member.InviterId, member.OperatorId) : default);

        Assert.Equal(Refusal.RequestAnswered, await core.TryAsync(new AnswerApplication(0, Actor.Of(Carol), "g", "dave", false, "")));
        Assert.Equal(Refusal.UnknownRequest, await core.TryAsync(new AnswerApplication(0, Actor.Of(Carol), "g", "erin", true, "")));
    }

    [Fact]
    public async Task Who_was_refused_may_ask_again_and_who_came_in_otherwise_is_not_let_in_twice()
    {
        await using var core = await StartWithSixAsync();
        await core.DoAsync(Create());
        JoinGroup Ask(string message) => new(0, Actor.Of(Bob), "g", "bob", message, "", JoinSource.QrCode, "");
        AnswerApplication Reply(bool isAccepted) => new(0, Actor.Of(Alice), "g", "bob", isAccepted, "");
        await core.DoAsync(Ask("one"));
        await core.DoAsync(Reply(false));
        await core.DoAsync(Ask("two"));
        Assert.Equal((Answer.Open, "two"), await core.AskAsync(app => app.Applications.From(Bob).Single() is var application ? (application.Answer, application.Message) : default));
        Assert.Equal(["alice"], await core.MembersAsync());

        await core.DoAsync(new InviteMembers(0, Actor.Of(Alice), "g", ["bob"], ""));
        var version = (await core.ViewAsync()).MembersVersion;
        await core.DoAsync(Reply(true));
        Assert.Equal(["alice", "bob"], await core.MembersAsync());
        Assert.Equal(version, (await core.ViewAsync()).MembersVersion);
        Assert.Equal(Refusal.AlreadyMember, await core.TryAsync(Ask("three")));
    }

    [Fact]
    public async Task Answered_applications_make_room_the_oldest_first()
    {
        await using var core = await StartWithSixAsync(new CoreOptions { MessageRate = 0, MaxOpenRequests = 2 });
        foreach (var group in new[] { "g", "h", "i" }) await core.DoAsync(Create(group));
        JoinGroup Ask(Users.UserNumber user, string id, string group = "g") => new(0, Actor.Of(user), group, id, "", "", JoinSource.Search, "");
        ValueTask<string[]> WaitingAsync() => core.AskAsync(app => app.Applications.To(new GroupNumber(1)).Select(application => application.User.Id).ToArray());

        await core.DoAsync(Ask(Bob, "bob"));
        await core.DoAsync(Ask(Carol, "carol"));
        Assert.Equal(Refusal.TooMany, await core.TryAsync(Ask(Dave, "dave")));
        await core.DoAsync(Ask(Bob, "bob"));
        Assert.Equal(["bob", "carol"], await WaitingAsync());
        foreach (var id in new[] { "bob", "carol" }) await core.DoAsync(new AnswerApplication(0, Actor.Of(Alice), "g", id, false, ""));
        await core.DoAsync(Ask(Dave, "dave"));
        Assert.Equal(["dave", "bob"], await WaitingAsync());

        // Of a user who asked too many groups, likewise.
        await core.DoAsync(Ask(Bob, "bob", "h"));
        await core.DoAsync(Ask(Bob, "bob", "i"));
        Assert.Equal(["dave"], await WaitingAsync());
        Assert.Equal(["i", "h"], await core.AskAsync(app => app.Applications.From(Bob).Select(application => application.GroupId).ToArray()));
        Assert.Equal(Refusal.TooMany, await core.TryAsync(Ask(Bob, "bob")));
    }

    [Fact]
    public async Task Applications_of_one_command_forget_each_a_different_one()
    {
        await using var core = await StartWithSixAsync(new CoreOptions { MessageRate = 0, MaxOpenRequests = 3 });
        await core.DoAsync(Create(members: ["bob"], details: new GroupDetails { JoinRule = JoinRule.Approval }));
        InviteMembers Invite(params string[] ids) => new(0, Actor.Of(Bob), "g", ids, "");
        await core.DoAsync(Invite("carol", "dave", "erin"));
        foreach (var id in new[] { "carol", "dave" }) await core.DoAsync(new AnswerApplication(0, Actor.Of(Alice), "g", id, false, ""));
        await core.DoAsync(new RegisterUsers(0, Actor.Operator, [new("gina", ""), new("hal", "")]));
        Assert.Equal(Refusal.TooMany, await core.TryAsync(Invite("frank", "gina", "hal")));
        // Dave is asked again, so it is carol's old one that makes room.
        await core.DoAsync(Invite("frank", "dave"));
        Assert.Equal(["dave", "frank", "erin"], await core.AskAsync(app => app.Applications.To(new GroupNumber(1)).Select(application => application.User.Id).ToArray()));
        Assert.Equal(Refusal.TooMany, await core.TryAsync(Invite("gina")));
    }

    [Fact]
    public async Task Nobody_makes_themselves_look_brought_in_by_who_is_not_there()
    {
        await using var core = await StartWithSixAsync();
        await core.DoAsync(Create(members: ["bob"], details: new GroupDetails { JoinRule = JoinRule.Open }));
        await core.DoAsync(new JoinGroup(0, Actor.Of(Dave), "g", "dave", "", "", JoinSource.Administration, "erin"));
        await core.DoAsync(new JoinGroup(0, Actor.Of(Erin), "g", "erin", "", "", JoinSource.Invitation, "bob"));
        Assert.Equal((JoinSource.None, "", "dave"), await core.MemberAsync(Dave) is var dave ? (dave.Source, dave.InviterId, dave.OperatorId) : default);
        Assert.Equal((JoinSource.Invitation, "bob", "erin"), await core.MemberAsync(Erin) is var erin ? (erin.Source, erin.InviterId, erin.OperatorId) : default);
    }
}
