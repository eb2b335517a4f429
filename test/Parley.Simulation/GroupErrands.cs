using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Contacts;
using Parley.Core.Groups;

namespace Parley.Simulation;

/// <summary>What a user does with groups, or now and then an administrator.</summary>
sealed class GroupErrands(UserName user, Cast cast, Model model)
{
    const int MaxGroups = 4;

    Registers Registers => model.Registers;

    /// <summary>A group to write to or look at: mostly one that the user may be in.</summary>
    public GroupPlan? Pick()
    {
        var all = cast.Groups.FindAll(group => group.App == user.App);
        if (all.Count == 0) return null;
        var own = all.FindAll(group => Registers.Member(group, user).Possible(0).Contains(Registers.Yes));
        return own.Count > 0 && cast.Chance(85) ? cast.OneOf(own) : cast.OneOf(all);
    }

    public async Task RunAsync(Server server)
    {
        var actor = Actor.Of(new(model.Numbers[user]));
        if (Pick() is not { } group || cast.Chance(cast.Groups.Count < MaxGroups ? 15 : 2))
        {
            await CreateAsync(server, cast.NewGroup(user.App), actor);
            return;
        }

        // Leaders have most to do, and few of them are asked at random.
        if (cast.Chance(20)) actor = Actor.Administrator;
        await (cast.Random.Next(100) switch
        {
            < 18 => InviteAsync(server, group, actor, Several()),
            < 38 => JoinAsync(server, cast.OneOf(cast.Groups.FindAll(other => other.App == user.App))),
            < 52 => AnswerAsync(server, group, actor, Applicant(group)),
            < 60 => QuitAsync(server, group),
            < 70 => RemoveAsync(server, group, actor, Several()),
            < 75 => TransferAsync(server, group, actor, Someone()),
            < 80 => ChangeAsync(server, group, actor),
            < 84 => MuteAsync(server, group, actor),
            < 88 => MuteMemberAsync(server, group, actor, Someone()),
            < 92 => ChangeSelfAsync(server, group),
            < 96 => PromoteAsync(server, group, actor, Someone()),
            < 98 => MakeSuperAsync(server, group, actor),
            _ => DismissAsync(server, group, actor),
        });
    }

    /// <summary>What keeps anyone from a group that is not there any more.</summary>
    public Excuse[] Ended(GroupPlan group) => [Excuse.When(Refusal.UnknownGroup, Registers.Owner(group), ""), Excuse.When(Refusal.GroupDismissed, Registers.IsDismissed(group), Registers.Yes)];

    Excuse[] NoMember(GroupPlan group, Actor actor)
        => actor.Kind == ActorKind.User ? [.. Ended(group), Excuse.When(Refusal.NotAMember, Registers.Member(group, user), "")] : Ended(group);

    Excuse[] NoLeader(GroupPlan group, Actor actor)
        => actor.Kind == ActorKind.User ? [.. NoMember(group, actor), Excuse.When(Refusal.NotAllowed, Registers.Leads(group, user), "")] : Ended(group);

    Excuse[] NoOwner(GroupPlan group, Actor actor)
        => actor.Kind == ActorKind.User ? [.. NoMember(group, actor), Excuse.Unless(Refusal.NotAllowed, Registers.Owner(group), user.Id)] : Ended(group);

    Effect[] Enters(GroupPlan group, UserName member)
        => [new(Registers.Member(group, member), Registers.Yes), new(Registers.Leads(group, member), "", IsSure: false), .. Forgets(group, member)];

    Effect[] Leaves(GroupPlan group, UserName member)
        => [new(Registers.Member(group, member), ""), new(Registers.Leads(group, member), ""), .. Forgets(group, member)];

    Effect[] Forgets(GroupPlan group, UserName member)
        => [new(Registers.MemberExtra(group, member), "", IsSure: false), new(Registers.MemberMute(group, member), "", IsSure: false)];

    Task CreateAsync(Server server, GroupPlan group, Actor actor)
    {
        var others = cast.RegularsOf(user.App).Where(other => other != user && model.IsKnown(other) && cast.Chance(50)).ToArray();
        var administrators = others.Where(_ => cast.Chance(20)).ToArray();
        var name = cast.NewText();
        var command = new CreateGroup(group.App, actor, group.Id, group.Kind,
            new GroupDetails { Name = name, JoinRule = group.IsOpen ? JoinRule.Open : JoinRule.ApprovalUnlessInvited, ShowsHistory = group.ShowsHistory }, user.Id,
            [.. administrators.Select(other => other.Id)], [.. others.Except(administrators).Select(other => other.Id)]);
        return server.CarryOutAsync(command,
            [
                new(Registers.Owner(group), user.Id),
                new(Registers.GroupName(group), name),
                new(Registers.IsSuper(group), Registers.If(group.Kind == GroupKind.Super)),
                .. others.Append(user).Select(member => new Effect(Registers.Member(group, member), Registers.Yes)),
                .. administrators.Append(user).Select(member => new Effect(Registers.Leads(group, member), Registers.Yes)),
            ]);
    }

    Task InviteAsync(Server server, GroupPlan group, Actor actor, UserName[] members)
        => server.CarryOutAsync(new InviteMembers(group.App, actor, group.Id, [.. members.Select(member => member.Id)], cast.NewText()),
            [.. members.SelectMany(member => Enters(group, member))], NoMember(group, actor));

    Task JoinAsync(Server server, GroupPlan group)
    {
        var message = cast.NewText();
        Effect[] effects = group.IsOpen ? Enters(group, user) : [new(Registers.Application(group, user), message), new(Registers.ApplicationAnswer(group, user), nameof(Answer.Open))];
        return server.CarryOutAsync(new JoinGroup(group.App, Actor.Of(new(model.Numbers[user])), group.Id, user.Id, message, "", JoinSource.Search, ""), effects,
            [.. Ended(group), Excuse.When(Refusal.AlreadyMember, Registers.Member(group, user), Registers.Yes)]);
    }

    Task AnswerAsync(Server server, GroupPlan group, Actor actor, UserName applicant)
    {
        var isAccepted = cast.Chance(70);
        var answer = new Effect(Registers.ApplicationAnswer(group, applicant), isAccepted ? nameof(Answer.Accepted) : nameof(Answer.Refused));
        return server.CarryOutAsync(new AnswerApplication(group.App, actor, group.Id, applicant.Id, isAccepted, ""), isAccepted ? [answer, .. Enters(group, applicant)] : [answer],
            [
                .. NoLeader(group, actor),
                Excuse.When(Refusal.UnknownRequest, Registers.Application(group, applicant), ""),
                new Excuse(Refusal.RequestAnswered, Registers.ApplicationAnswer(group, applicant), held => held is not ("" or nameof(Answer.Open))),
            ]);
    }

    Task QuitAsync(Server server, GroupPlan group)
    {
        var actor = Actor.Of(new(model.Numbers[user]));
        return server.CarryOutAsync(new QuitGroup(group.App, actor, group.Id, user.Id), Leaves(group, user),
            [.. NoMember(group, actor), Excuse.When(Refusal.NotAllowed, Registers.Owner(group), user.Id)]);
    }

    Task RemoveAsync(Server server, GroupPlan group, Actor actor, UserName[] members)
        => server.CarryOutAsync(new RemoveMembers(group.App, actor, group.Id, [.. members.Select(member => member.Id)], ""), [.. members.SelectMany(member => Leaves(group, member))],
            [
                .. NoLeader(group, actor),
                .. members.Select(member => Excuse.When(Refusal.NotAllowed, Registers.Owner(group), member.Id)),
                .. members.Select(member => Excuse.When(Refusal.NotAllowed, Registers.Leads(group, member), Registers.Yes, isSure: false)),
            ]);

    Task TransferAsync(Server server, GroupPlan group, Actor actor, UserName to)
        => server.CarryOutAsync(new TransferGroup(group.App, actor, group.Id, to.Id),
            [
                new(Registers.Owner(group), to.Id),
                new(Registers.Leads(group, to), Registers.Yes),
                .. cast.RegularsOf(user.App).Select(other => new Effect(Registers.Leads(group, other), "", IsSure: false)),
            ],
            [.. NoOwner(group, actor), Excuse.When(Refusal.NotAMember, Registers.Member(group, to), "")]);

    Task ChangeAsync(Server server, GroupPlan group, Actor actor)
    {
        var name = cast.NewText();
        return server.CarryOutAsync(new ChangeGroup(group.App, actor, group.Id, new GroupDetails { Name = name, Announcement = cast.Chance(30) ? cast.NewText() : null }),
            [new(Registers.GroupName(group), name)], NoLeader(group, actor));
    }

    Task MuteAsync(Server server, GroupPlan group, Actor actor)
    {
        var isMuted = cast.Chance(40);
        return server.CarryOutAsync(new MuteGroup(group.App, actor, group.Id, isMuted), [new(Registers.IsMuted(group), Registers.If(isMuted))], NoLeader(group, actor));
    }

    Task MuteMemberAsync(Server server, GroupPlan group, Actor actor, UserName member)
    {
        var seconds = cast.Chance(50) ? 1 + cast.Random.Next(60) : 0;
        return server.CarryOutAsync(new MuteMember(group.App, actor, group.Id, member.Id, seconds), [new(Registers.MemberMute(group, member), Registers.If(seconds > 0))],
            [
                .. NoLeader(group, actor),
                Excuse.When(Refusal.NotAMember, Registers.Member(group, member), ""),
                Excuse.When(Refusal.NotAllowed, Registers.Leads(group, member), Registers.Yes, isSure: false),
            ]);
    }

    Task ChangeSelfAsync(Server server, GroupPlan group)
    {
        var (actor, extra) = (Actor.Of(new(model.Numbers[user])), cast.NewText());
        return server.CarryOutAsync(new ChangeMember(group.App, actor, group.Id, user.Id, null, null, extra, null), [new(Registers.MemberExtra(group, user), extra)], NoMember(group, actor));
    }

    Task PromoteAsync(Server server, GroupPlan group, Actor actor, UserName member)
    {
        var role = cast.Chance(70) ? GroupRole.Administrator : GroupRole.Member;
        return server.CarryOutAsync(new ChangeMember(group.App, actor, group.Id, member.Id, null, null, null, role),
            [new(Registers.Leads(group, member), Registers.If(role == GroupRole.Administrator))],
            [
                .. NoMember(group, actor),
                Excuse.When(Refusal.NotAMember, Registers.Member(group, member), ""),
                Excuse.When(Refusal.NotAllowed, Registers.Owner(group), member.Id),
                // Who is that already can be made it by whoever may change them.
                .. actor.Kind == ActorKind.User ? [Excuse.Unless(Refusal.NotAllowed, Registers.Owner(group), user.Id, isSure: false)] : Array.Empty<Excuse>(),
            ]);
    }

    Task MakeSuperAsync(Server server, GroupPlan group, Actor actor)
        => server.CarryOutAsync(new MakeSuperGroup(group.App, actor, group.Id), [new(Registers.IsSuper(group), Registers.Yes)], NoOwner(group, actor));

    Task DismissAsync(Server server, GroupPlan group, Actor actor)
    {
        var removes = cast.Chance(50);
        // Of a group that ended already it lets go the members who are left.
        var excuses = removes
            ? [.. NoOwner(group, actor).Where(excuse => excuse.Refusal != Refusal.GroupDismissed), Excuse.When(Refusal.GroupDismissed, Registers.IsDismissed(group), Registers.Yes, isSure: false)]
            : NoOwner(group, actor);
        return server.CarryOutAsync(new DismissGroup(group.App, actor, group.Id, removes),
            [new(Registers.IsDismissed(group), Registers.Yes), .. removes ? cast.RegularsOf(user.App).SelectMany(member => Leaves(group, member)) : []], excuses);
    }

    UserName Someone() => cast.OneOf(cast.RegularsOf(user.App)) is var other && model.IsKnown(other) ? other : user;

    UserName Applicant(GroupPlan group)
    {
        var applicants = cast.RegularsOf(user.App).Where(other => Registers.ApplicationAnswer(group, other).Possible(0).Contains(nameof(Answer.Open))).ToArray();
        return applicants.Length > 0 ? cast.OneOf(applicants) : Someone();
    }

    UserName[] Several() => [.. new[] { Someone(), Someone() }.Distinct()];
}
