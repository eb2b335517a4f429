using Parley.Core.Conversations;
using Parley.Core.Records;
using Parley.Core.Users;

namespace Parley.Core.Contacts;

/// <summary>Friends, requests to become one, and blocked users of one app.</summary>
public sealed class ContactTable
{
    readonly UserTable _users;
    readonly FriendTable _friends;
    readonly BlockTable _blocks;
    readonly RequestTable _requests;

    internal ContactTable(UserTable users) => (_users, _friends, _blocks, _requests) = (users, new FriendTable(users), new BlockTable(users), new RequestTable(users));

    /// <summary>Whether <paramref name="user"/> is on the list of <paramref name="owner"/>.</summary>
    public bool IsFriend(UserNumber owner, UserNumber user) => _friends.Find(owner, user) >= 0;

    public bool IsBlocked(UserNumber owner, UserNumber user) => _blocks.Find(owner, user) >= 0;

    public bool TryFindFriend(UserNumber owner, UserNumber user, out Friend? friend)
    {
        var index = _friends.Find(owner, user);
        friend = index < 0 ? null : _friends.View(index);
        return index >= 0;
    }

    /// <summary>Friends <paramref name="start"/> (from 0) and following: pinned ones first, then by when they were added.</summary>
    public IEnumerable<Friend> FriendsOf(UserNumber owner, int start = 0, int count = int.MaxValue) => _friends.Of(owner).Skip(start).Take(count).Select(_friends.View);

    /// <summary>The same, as numbers.</summary>
    public IEnumerable<UserNumber> FriendNumbersOf(UserNumber owner) => _friends.Of(owner).Select(_friends.UserAt);

    public int FriendCount(UserNumber owner) => _users.Row(owner).FriendCount;

    /// <summary>Whose list a user is on, the newest first. They need not be on the user's own.</summary>
    public IEnumerable<UserNumber> ListersOf(UserNumber user) => _friends.ListersOf(user);

    /// <summary>Version of the list: the last sequence of its change feed.</summary>
    public long FriendsVersion(UserNumber owner) => _users.Row(owner).FriendsVersion;

    public bool TryFindBlock(UserNumber owner, UserNumber user, out Block? block)
    {
        var index = _blocks.Find(owner, user);
        block = index < 0 ? null : _blocks.View(index);
        return index >= 0;
    }

    /// <summary>Blocked users <paramref name="start"/> (from 0) and following, the newest first.</summary>
    public IEnumerable<Block> BlocksOf(UserNumber owner, int start = 0, int count = int.MaxValue) => _blocks.Of(owner).Skip(start).Take(count).Select(_blocks.View);

    public int BlockCount(UserNumber owner) => _users.Row(owner).BlockCount;

    public long BlocksVersion(UserNumber owner) => _users.Row(owner).BlocksVersion;

    public bool TryFindRequest(UserNumber from, UserNumber to, out FriendRequest? request)
    {
        var index = _requests.Find(from, to);
        request = index < 0 ? null : _requests.View(index);
        return index >= 0;
    }

    /// <summary>Requests that a user got, the newest first.</summary>
    public IEnumerable<FriendRequest> RequestsTo(UserNumber user) => _requests.To(user).Select(_requests.View);

    /// <summary>Requests that a user made, the newest first.</summary>
    public IEnumerable<FriendRequest> RequestsFrom(UserNumber user) => _requests.From(user).Select(_requests.View);

    internal FriendTable Friends => _friends;

    internal BlockTable Blocks => _blocks;

    internal RequestTable Requests => _requests;

    internal void Erase(UserNumber user)
    {
        _friends.RemoveAll(user);
        _blocks.RemoveAll(user);
        _requests.RemoveAll(user);
    }

    /// <summary>Every list of friends or blocked users that a record is filed in has that version now.</summary>
    internal void Listed(in Applied at)
    {
        foreach (var filing in at.Filings)
        {
            var owner = new UserNumber(FeedIds.NumberOf(filing.Feed));
            if (filing.Feed == FeedIds.Friends(owner)) _users.Row(owner).FriendsVersion = (uint)filing.Sequence;
            else if (filing.Feed == FeedIds.Blocks(owner)) _users.Row(owner).BlocksVersion = (uint)filing.Sequence;
        }
    }
}
