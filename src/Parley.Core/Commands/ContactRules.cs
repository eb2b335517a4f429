using System.Text;
using Parley.Core.Contacts;
using Parley.Core.Conversations;
using Parley.Core.Messages;
using Parley.Core.Records;
using Parley.Core.Users;

namespace Parley.Core.Commands;

/// <summary>Friends, requests and blocked users.</summary>
sealed class ContactRules(CoreOptions options)
{
    /// <summary>Friends in one record, which is filed in the list of each.</summary>
    const int MaxFriendsPerRecord = 1_000;

    public void Decide(AppState app, ContactCommand command, long now, Decision decision)
    {
        if (UserRules.Judge(app, command.Actor, command.UserId, out var user) is var refusal && refusal != Refusal.None)
        {
            decision.Refuse(refusal);
            return;
        }

        switch (command)
        {
            case RequestFriend request: Request(app, request, user, decision); break;
            case AnswerFriendRequest answer: Answer(app, answer, user, now, decision); break;
            case DeleteFriend delete: Delete(app, delete, user, decision); break;
            case ChangeFriends change: Change(app, change, user, decision); break;
            case ImportFriends import: Import(app, import, user, decision); break;
            case BlockUser block: Block(app, block, user, decision); break;
            case UnblockUser unblock: Unblock(app, unblock, user, decision); break;
            default: decision.Refuse(Refusal.NotAllowed); break;
        }
    }

    void Request(AppState app, RequestFriend request, UserNumber user, Decision decision)
    {
        if (!app.Users.TryFindActive(request.ToId, out var to)) decision.Refuse(Refusal.UnknownUser);
        else if (to == user) decision.Refuse(Refusal.ToSelf);
        else if (IsTooLong(request.Message) || IsTooLong(request.Extra)) decision.Refuse(Refusal.TooLarge);
        else if (app.Contacts.IsBlocked(to, user)) decision.Refuse(Refusal.Blocked);
        else if (app.Contacts.IsFriend(user, to) && app.Contacts.IsFriend(to, user)) decision.Refuse(Refusal.AlreadyFriends);
        else if (!HasRoom(app, user, to)) decision.Refuse(Refusal.TooMany);
        else if (app.Contacts.Requests.Find(user, to) >= 0) decision.Append(new FriendRequested(user, to, request.Message, request.Extra));
        else
        {
            ref var sender = ref app.Users.Row(user);
            ref var receiver = ref app.Users.Row(to);
            var (isSenderFull, isReceiverFull) = (sender.SentRequestCount >= options.MaxOpenRequests, receiver.ReceivedRequestCount >= options.MaxOpenRequests);
            var forgottenSender = isReceiverFull ? app.Contacts.Requests.OldestAnsweredTo(to) : default;
            var forgottenReceiver = isSenderFull ? app.Contacts.Requests.OldestAnsweredFrom(user) : default;
            if ((isReceiverFull && forgottenSender == default) || (isSenderFull && forgottenReceiver == default)) decision.Refuse(Refusal.TooMany);
            else decision.Append(new FriendRequested(user, to, request.Message, request.Extra, forgottenSender, forgottenReceiver));
        }
    }

    void Answer(AppState app, AnswerFriendRequest answer, UserNumber user, long now, Decision decision)
    {
        if (!app.Users.TryFindActive(answer.FromId, out var from)) decision.Refuse(Refusal.UnknownUser);
        else if (app.Contacts.Requests.Find(from, user) is not (>= 0 and var request)) decision.Refuse(Refusal.UnknownRequest);
        else if (app.Contacts.Requests.AnswerAt(request) != Contacts.Answer.Open) decision.Refuse(Refusal.RequestAnswered);
        else if (IsTooLong(answer.Message)) decision.Refuse(Refusal.TooLarge);
        else if (answer.IsAccepted && !(HasRoom(app, user, from) && HasRoom(app, from, user))) decision.Refuse(Refusal.TooMany);
        else
        {
            decision.Append(new FriendAnswered(user, from, answer.IsAccepted, answer.Message));
            if (!answer.IsAccepted) return;
            var friends = Missing(app, user, [from], FriendSource.Request, answer.Actor.User);
            if (friends.Feeds.Length == 0) return;
            decision.Append(friends, friends.Feeds);
            if (!options.ShowsGroupEvents) return;
            var message = EventMessages.Write(app, user, "FriendsMade", [from], now, text: answer.Message);
            decision.Append(new MessageSent(message), MessageRules.FeedsOf(app, ConversationKey.Peer(user, from), user));
        }
    }

    static void Delete(AppState app, DeleteFriend delete, UserNumber user, Decision decision)
    {
        if (!app.Users.TryFindActive(delete.FriendId, out var friend)) decision.Refuse(Refusal.UnknownUser);
        // Who is not on the list is off it: a repeat after an unknown outcome is answered as done.
        else if (app.Contacts.IsFriend(user, friend)) decision.Append(new FriendDeleted(user, friend), FeedIds.Friends(user));
    }

    void Change(AppState app, ChangeFriends change, UserNumber user, Decision decision)
    {
        if (IsTooLong(change.Remark) || IsTooLong(change.Extra)) decision.Refuse(Refusal.TooLarge);
        else if (Find(app, change.FriendIds, out var friends) is var refusal && refusal != Refusal.None) decision.Refuse(refusal);
        else if (friends.Any(friend => !app.Contacts.IsFriend(user, friend))) decision.Refuse(Refusal.NotFriends);
        else if (friends.Length > 0 && (change.Remark is not null || change.IsPinned is not null || change.Extra is not null))
        {
            decision.Append(new FriendsChanged(user, friends, change.Remark, change.IsPinned, change.Extra), FeedIds.Friends(user));
        }
    }

    void Import(AppState app, ImportFriends import, UserNumber user, Decision decision)
    {
        if (!import.Actor.MayManage) decision.Refuse(Refusal.NotAllowed);
        else if (Find(app, import.FriendIds, out var friends) is var refusal && refusal != Refusal.None) decision.Refuse(refusal);
        else if (friends.Contains(user)) decision.Refuse(Refusal.ToSelf);
        else if (app.Contacts.FriendCount(user) + friends.Count(friend => !app.Contacts.IsFriend(user, friend)) > options.MaxContactsPerUser
            || !friends.All(friend => HasRoom(app, friend, user))) decision.Refuse(Refusal.TooMany);
        else
        {
            foreach (var chunk in friends.Chunk(MaxFriendsPerRecord))
            {
                var record = Missing(app, user, chunk, FriendSource.Import, import.Actor.User);
                if (record.Feeds.Length > 0) decision.Append(record, record.Feeds);
            }
        }
    }

    void Block(AppState app, BlockUser block, UserNumber user, Decision decision)
    {
        if (!app.Users.TryFindActive(block.BlockedId, out var blocked)) decision.Refuse(Refusal.UnknownUser);
        else if (blocked == user) decision.Refuse(Refusal.ToSelf);
        else if (IsTooLong(block.Extra)) decision.Refuse(Refusal.TooLarge);
        else if (app.Contacts.IsBlocked(user, blocked)) return;
        else if (app.Contacts.BlockCount(user) >= options.MaxContactsPerUser) decision.Refuse(Refusal.TooMany);
        else decision.Append(new UserBlocked(user, blocked, block.Extra, block.Actor.User), FeedIds.Blocks(user));
    }

    static void Unblock(AppState app, UnblockUser unblock, UserNumber user, Decision decision)
    {
        if (!app.Users.TryFindActive(unblock.BlockedId, out var blocked)) decision.Refuse(Refusal.UnknownUser);
        else if (app.Contacts.IsBlocked(user, blocked)) decision.Append(new UserUnblocked(user, blocked), FeedIds.Blocks(user));
    }

    static FriendsAdded Missing(AppState app, UserNumber user, IEnumerable<UserNumber> friends, FriendSource source, UserNumber by)
        => new(user, [.. friends.Where(friend => !app.Contacts.IsFriend(user, friend))], [.. friends.Where(friend => !app.Contacts.IsFriend(friend, user))], source, by);

    bool HasRoom(AppState app, UserNumber owner, UserNumber friend) => app.Contacts.IsFriend(owner, friend) || app.Contacts.FriendCount(owner) < options.MaxContactsPerUser;

    /// <summary>Each user once, in the order of their numbers.</summary>
    Refusal Find(AppState app, IReadOnlyList<string> ids, out UserNumber[] users)
    {
        users = [];
        if (ids.Count > options.MaxUsersPerCommand) return Refusal.TooMany;
        var found = new SortedSet<uint>();
        foreach (var id in ids)
        {
            if (!app.Users.TryFindActive(id, out var user)) return Refusal.UnknownUser;
            found.Add(user.Value);
        }

        users = [.. found.Select(number => new UserNumber(number))];
        return Refusal.None;
    }

    bool IsTooLong(string? text) => text is not null && Encoding.UTF8.GetByteCount(text) > options.MaxProfileTextBytes;
}
