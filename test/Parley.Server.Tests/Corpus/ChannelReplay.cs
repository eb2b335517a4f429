using System.Text;
using Parley.Core.Commands;
using Parley.Core.Groups;
using Parley.Core.Messages;
using Parley.Core.Users;

namespace Parley.Server.Tests.Corpus;

/// <summary>
/// Lets a channel happen again: its nicks are users, its lines messages, and who joins or leaves it joins or quits a group. A nick that speaks without having joined
/// was there before its log began and is brought in by the administration; what the log missed in between (most who quit a network, it does) is made up for
/// where it shows. With the end of a log everyone is gone: the next may be of another year.
/// </summary>
sealed class ChannelReplay(ChannelCore core, ChannelModel model, bool showsHistory)
{
    public const string Group = "channel", Owner = "owner", Outsider = "outsider";
    const int MaxUsersPerCommand = 1_000;
    const int Platform = 5;

    readonly Dictionary<string, UserNumber> _numbers = [];
    int _messages;

    public async Task RunAsync(IReadOnlyList<ChannelLine[]> logs)
    {
        await RegisterAsync([Owner, Outsider, .. logs.SelectMany(log => log).SelectMany(NicksOf).Distinct().Select(UserOf)]);
        await core.DoAsync(new CreateGroup(0, Actor.Operator, Group, GroupKind.Super, new GroupDetails { Name = Group, JoinRule = JoinRule.Open, ShowsHistory = showsHistory },
            Owner, [], [])
        { IsShown = false });
        foreach (var log in logs) await RunAsync(log);
        await core.FinishAsync();
    }

    // No nick has a colon in it: no text can read as two of these.
    static string UserOf(string nick) => $"irc:{nick}";

    static IEnumerable<string> NicksOf(ChannelLine line) => line.Kind switch
    {
        LineKind.Other => [],
        LineKind.Renamed => [line.Nick, line.Text],
        _ => [line.Nick],
    };

    async Task RegisterAsync(string[] users)
    {
        for (var i = 0; i < users.Length; i++) _numbers.Add(users[i], new UserNumber((uint)i + 1));
        foreach (var some in users.Chunk(MaxUsersPerCommand)) await core.DoAsync(new RegisterUsers(0, Actor.Operator, [.. some.Select(user => new NewUser(user, user))]));
    }

    async Task RunAsync(ChannelLine[] log)
    {
        foreach (var present in PresentBefore(log).Chunk(MaxUsersPerCommand))
        {
            await core.DoAsync(new InviteMembers(0, Actor.Operator, Group, present, ""));
            model.Invite(present);
        }

        foreach (var line in log) await PlayAsync(line);
        foreach (var present in model.Present.Chunk(MaxUsersPerCommand).ToArray())
        {
            await core.DoAsync(new RemoveMembers(0, Actor.Operator, Group, present, ""));
            model.Remove(present);
        }
    }

    static IEnumerable<string> PresentBefore(ChannelLine[] log)
    {
        var seen = new HashSet<string>();
        foreach (var line in log)
        {
            if (line.Kind == LineKind.Other) continue;
            if (seen.Add(UserOf(line.Nick)) && line.Kind != LineKind.Joined) yield return UserOf(line.Nick);
            if (line.Kind == LineKind.Renamed) seen.Add(UserOf(line.Text));
        }
    }

    async ValueTask PlayAsync(ChannelLine line)
    {
        var user = UserOf(line.Nick);
        switch (line.Kind)
        {
            case LineKind.Said:
                if (!model.IsIn(user)) await JoinAsync(user);
                await SayAsync(user, line.Text);
                break;
            case LineKind.Joined:
                if (model.IsIn(user)) await QuitAsync(user);
                await JoinAsync(user);
                break;
            case LineKind.Left when model.IsIn(user):
                await QuitAsync(user);
                break;
            case LineKind.Renamed when user != UserOf(line.Text):
                if (model.IsIn(user)) await QuitAsync(user);
                if (!model.IsIn(UserOf(line.Text))) await JoinAsync(UserOf(line.Text));
                break;
        }
    }

    ValueTask SayAsync(string user, string text)
    {
        model.Say(user, text);
        var message = new Message(_numbers[user], $"{++_messages}", ContentKind.Text, Encoding.UTF8.GetBytes(text), 0, Platform);
        return core.DoAsync(new SendMessage(0, Actor.Of(_numbers[user]), message, Recipient.Group(Group), AllowSelf: false), model.Entries.Count);
    }

    ValueTask JoinAsync(string user)
    {
        model.Join(user);
        return core.DoAsync(new JoinGroup(0, Actor.Of(_numbers[user]), Group, user, "", "", JoinSource.Search, ""));
    }

    ValueTask QuitAsync(string user)
    {
        model.Quit(user);
        return core.DoAsync(new QuitGroup(0, Actor.Of(_numbers[user]), Group, user));
    }
}
