using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Contacts;
using Parley.Core.Conversations;
using Parley.Core.Users;

namespace Parley.Simulation;

/// <summary>What is a user's own: contacts, profile, values, settings.</summary>
sealed class OwnErrands(UserName user, Cast cast, Model model)
{
    const int Keys = 3;

    Registers Registers => model.Registers;

    Actor Self => Actor.Of(new(model.Numbers[user]));

    public Task RunAsync(Server server, UserName other, ConversationKey? key) => cast.Random.Next(100) switch
    {
        < 50 when other != user => ContactAsync(server, other),
        < 65 when key is { } conversation => SetConversationAsync(server, conversation, other),
        < 78 => ChangeProfileAsync(server),
        < 84 => NotifyAsync(server, other),
        _ => KeepAsync(server),
    };

    Task ContactAsync(Server server, UserName other)
    {
        var text = cast.NewText();
        switch (cast.Random.Next(9))
        {
            case 0 or 1:
                return server.CarryOutAsync(new RequestFriend(user.App, Self, user.Id, other.Id, text, ""),
                    [new(Registers.Request(user, other), text), new(Registers.RequestAnswer(user, other), nameof(Answer.Open))],
                    Excuse.When(Refusal.Blocked, Registers.Block(other, user), Registers.Yes),
                    Excuse.When(Refusal.AlreadyFriends, Registers.Friend(user, other), Registers.Yes, isSure: false));
            case 2 or 3:
                return AnswerAsync(server, OneWith(from => Registers.RequestAnswer(from, user), nameof(Answer.Open)) ?? other, isAccepted: cast.Chance(75));
            case 4:
                return server.CarryOutAsync(new DeleteFriend(user.App, Self, user.Id, other.Id), [new(Registers.Friend(user, other), ""), new(Registers.Remark(user, other), "")]);
            case 5:
                other = OneWith(friend => Registers.Friend(user, friend), Registers.Yes) ?? other;
                return server.CarryOutAsync(new ChangeFriends(user.App, Self, user.Id, [other.Id], text, cast.Chance(50), null), [new(Registers.Remark(user, other), text)],
                    Excuse.When(Refusal.NotFriends, Registers.Friend(user, other), ""));
            case 6:
                return server.CarryOutAsync(new ImportFriends(user.App, Actor.Administrator, user.Id, [other.Id]), [.. BecomeFriends(other)]);
            case 7:
                return server.CarryOutAsync(new BlockUser(user.App, Self, user.Id, other.Id, text), [new(Registers.Block(user, other), Registers.Yes)]);
            default:
                return server.CarryOutAsync(new UnblockUser(user.App, Self, user.Id, other.Id), [new(Registers.Block(user, other), "")]);
        }
    }

    Task AnswerAsync(Server server, UserName from, bool isAccepted)
    {
        var answer = new Effect(Registers.RequestAnswer(from, user), isAccepted ? nameof(Answer.Accepted) : nameof(Answer.Refused));
        // Who asked the other way round has got what they wanted.
        Effect[] accepted = [answer, new(Registers.RequestAnswer(user, from), nameof(Answer.Accepted), IsSure: false), .. BecomeFriends(from)];
        return server.CarryOutAsync(new AnswerFriendRequest(user.App, Self, user.Id, from.Id, isAccepted, ""), isAccepted ? accepted : [answer],
            Excuse.When(Refusal.UnknownRequest, Registers.Request(from, user), ""),
            new Excuse(Refusal.RequestAnswered, Registers.RequestAnswer(from, user), held => held is not ("" or nameof(Answer.Open))));
    }

    /// <summary>Somebody of whom that may be so.</summary>
    UserName? OneWith(Func<UserName, Register> register, string value)
        => cast.RegularsOf(user.App).Where(other => register(other).Possible(0).Contains(value)).ToArray() is { Length: > 0 } found ? cast.OneOf(found) : null;

    Effect[] BecomeFriends(UserName other) => [new(Registers.Friend(user, other), Registers.Yes), new(Registers.Friend(other, user), Registers.Yes)];

    Task SetConversationAsync(Server server, ConversationKey key, UserName peer)
    {
        var (text, isPrivate) = (cast.NewText(), key.Kind == ConversationKind.Peer && cast.Chance(40) ? cast.Chance(50) : (bool?)null);
        var effects = new List<Effect> { new(Registers.Attached(user, key), text) };
        if (isPrivate is { } both) effects.AddRange([new(Registers.IsPrivate(user, key), Registers.If(both)), new(Registers.IsPrivate(peer, key), Registers.If(both))]);
        return server.CarryOutAsync(new ChangeConversation(user.App, Self, Self.User, key, new ConversationChange { Attached = text, IsPrivate = isPrivate }), [.. effects]);
    }

    Task ChangeProfileAsync(Server server)
    {
        var (face, extra) = (cast.NewText(), cast.NewText());
        var receive = cast.Chance(80) ? (ReceiveOption?)null : cast.Chance(30) ? ReceiveOption.Refuse : ReceiveOption.Notify;
        var effects = new List<Effect> { new(Registers.Face(user), face), new(Registers.ProfileExtra(user), extra) };
        if (receive is { } option) effects.Add(new(Registers.Receive(user), option == ReceiveOption.Notify ? "" : option.ToString()));
        return server.CarryOutAsync(new ChangeProfile(user.App, Self, user.Id, null, face, extra, receive), [.. effects]);
    }

    Task KeepAsync(Server server)
    {
        var (key, value) = ($"k{cast.Random.Next(Keys)}", cast.Chance(25) ? null : cast.NewText());
        return server.CarryOutAsync(new SetUserValue(user.App, Self, user.Id, UserValueSpace.Command, key, value), [new(Registers.Value(user, key), value ?? "")]);
    }

    Task NotifyAsync(Server server, UserName other)
        => server.CarryOutAsync(new SendNotification(user.App, Actor.Administrator, cast.Chance(50) ? user.Id : "", Recipient.User(other.Id), "key", cast.NewText(), IsKept: cast.Chance(70)), []);
}
