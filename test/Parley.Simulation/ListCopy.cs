using Parley.Core;
using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Lists;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Simulation;

/// <summary>A device's copy of a list, kept up to date by what changed since the version it has. It comes to what the list is.</summary>
/// <param name="show">The list now: its version, and each entry with what a reader sees of it.</param>
sealed class ListCopy(string name, long app, Func<AppState, FeedId> feed, Func<AppState, (long Version, IEnumerable<(ulong Entry, int Shown)> Entries)> show)
{
    Dictionary<ulong, int> _entries = [];
    long _version = -1;

    public static ListCopy[] Of(UserName user, Func<UserNumber> number) =>
    [
        new($"friends of {user}", user.App, _ => FeedIds.Friends(number()), app => (app.Contacts.FriendsVersion(number()),
            // What a friend lets through is none of what the list shows.
            app.Contacts.FriendsOf(number()).Select(friend => ((ulong)friend.User.Number.Value, (friend with { User = friend.User with { Receive = default } }).GetHashCode())))),
        new($"blocks of {user}", user.App, _ => FeedIds.Blocks(number()), app => (app.Contacts.BlocksVersion(number()),
            app.Contacts.BlocksOf(number()).Select(block => ((ulong)block.User.Number.Value, block.Extra.GetHashCode(StringComparison.Ordinal))))),
        new($"groups of {user}", user.App, _ => FeedIds.JoinedGroups(number()), app => (app.Members.JoinedVersionOf(number()),
            app.Members.GroupsOf(number()).Select(group => ((ulong)group.Value, 0)))),
        new($"conversations of {user}", user.App, _ => FeedIds.Conversations(number()), app => (app.Conversations.VersionOf(number()),
            app.Conversations.Of(number()).Select(view => (view.Key.Feed.Value, HashCode.Combine(view.Settings, view.HasLeft))))),
    ];

    public static ListCopy Of(GroupPlan group)
    {
        return new($"members of {group.Id}", group.App, app => FeedIds.Members(Number(app)), app => Number(app) is { Value: > 0 } number
            ? (app.Groups.View(number).MembersVersion, app.Members.Page(number, 0, int.MaxValue)
                .Select(member => ((ulong)member.User.Value, HashCode.Combine(member.Role, member.FaceUrl, member.Extra, member.MutedUntil, member.JoinedAt))))
            : (0, []));

        GroupNumber Number(AppState app) => app.Groups.TryFind(group.Id, out var number) ? number : default;
    }

    public async Task SyncAsync(Server server, Model model)
    {
        var (version, list, whole) = await ShowAsync(server);
        model.Check(version >= _version, 4, () => $"the version of the {name} is {version} and was {_version}");
        if (_version < 0)
        {
            (_version, _entries) = (version, whole);
            return;
        }

        if (version == _version) return;
        var changes = new ListReader(server.Log).Changes(app, list, _version, version);
        model.Check(changes is not null, 1, () => $"the {name} can't be read from version {_version} to {version}");
        (var now, _, whole) = await ShowAsync(server);
        foreach (var (entry, isAdded) in changes!)
        {
            if (!whole.TryGetValue(entry, out var shown)) _entries.Remove(entry);
            else
            {
                // Of conversations clients take settings rather than that they are new.
                model.Check(isAdded || _entries.ContainsKey(entry) || now > version || list == FeedIds.Conversations(new(FeedIds.NumberOf(list))), 1, () => $"{entry} is new in the {name} between {_version} and {version}, which does not say so");
                _entries[entry] = shown;
            }
        }

        _version = version;
        if (now > version) return;
        model.Reached.Add(Tally.ListSynced);
        model.Check(_entries.Count == whole.Count && !_entries.Except(whole).Any(), 1,
            () => $"the {name} at {version} are {string.Join(' ', whole.Keys.Order())} and came to {string.Join(' ', _entries.Keys.Order())} by what changed");
    }

    async Task<(long Version, FeedId Feed, Dictionary<ulong, int> Entries)> ShowAsync(Server server) => await server.Sequencer.QueryAsync((state, _) =>
    {
        var (version, entries) = show(state.App(app));
        return (version, feed(state.App(app)), entries.ToDictionary(entry => entry.Entry, entry => entry.Shown));
    });
}
