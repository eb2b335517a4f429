using System.Text;
using Parley.Core.Conversations;
using Parley.Core.Records;
using Parley.Core.Users;

namespace Parley.Core.Commands;

/// <summary>Accounts and profiles.</summary>
sealed class UserRules(CoreOptions options)
{
    const int MaxKeyBytes = 256;

    /// <summary>Lists of friends that one change of a profile is filed in: 16 bytes each.</summary>
    const int MaxListsPerChange = 5_000;

    /// <summary>Finds the user that a command is about, if the actor may act for them.</summary>
    public static Refusal Judge(AppState app, Actor actor, string userId, out UserNumber user)
    {
        var isKnown = app.Users.TryFindActive(userId, out user);
        // Who may not act for a user does not learn either whether there is one.
        if (isKnown ? !actor.MayActFor(user) : !actor.MayManage) return Refusal.NotAllowed;
        return isKnown ? Refusal.None : Refusal.UnknownUser;
    }

    public void Decide(AppState app, RegisterUsers register, Decision decision)
    {
        if (!register.Actor.MayManage)
        {
            decision.Refuse(Refusal.NotAllowed);
            return;
        }

        if (register.Users.Count > options.MaxUsersPerCommand || (uint)(app.Users.Count + register.Users.Count) >= UserNumber.Limit)
        {
            decision.Refuse(Refusal.TooMany);
            return;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        bool IsTaken(string id) => seen.Contains(id) || app.Users.TryFind(id, out _);
        foreach (var user in register.Users)
        {
            var refusal = UserIds.Judge(user.Id);
            if (refusal == Refusal.None && IsTaken(user.Id)) refusal = Refusal.UserExists;
            if (refusal == Refusal.None && (UserIds.WouldBeAmbiguous(user.Id, IsTaken) || app.Groups.WouldBeAmbiguous(user.Id, IsTaken))) refusal = Refusal.AmbiguousId;
            if (refusal == Refusal.None && (IsTooLong(user.Nickname) || IsTooLong(user.FaceUrl) || IsTooLong(user.Extra))) refusal = Refusal.TooLarge;
            if (refusal == Refusal.None && !Enum.IsDefined(user.Level)) refusal = Refusal.NotAllowed;
            if (refusal != Refusal.None)
            {
                decision.Refuse(refusal);
                return;
            }

            seen.Add(user.Id);
            var number = new UserNumber(app.Users.NextNumber + (uint)decision.Records.Count);
            decision.Append(new UserRegistered(number, user.Id, user.Nickname, user.FaceUrl, user.Extra, user.PasswordHash, user.Level));
        }
    }

    public void Decide(AppState app, ChangeProfile change, Decision decision)
    {
        if (Judge(app, change.Actor, change.UserId, out var user) is var refusal && refusal != Refusal.None) decision.Refuse(refusal);
        else if (IsTooLong(change.Nickname) || IsTooLong(change.FaceUrl) || IsTooLong(change.Extra)) decision.Refuse(Refusal.TooLarge);
        else if (change.Receive is { } receive && !Enum.IsDefined(receive)) decision.Refuse(Refusal.NotAllowed);
        else
        {
            // What is so already disturbs nobody.
            ref var row = ref app.Users.Row(user);
            var record = new ProfileChanged(user, Changed(change.Nickname, row.Nickname), Changed(change.FaceUrl, row.FaceUrl), Changed(change.Extra, row.Extra),
                change.Receive == row.Receive ? null : change.Receive);
            if (record.IsShownToFriends) Append(app, record, decision);
            else if (record.Receive is not null) decision.Append(record);
        }
    }

    public void Decide(AppState app, SetUserValue set, Decision decision)
    {
        var user = UserNumber.Administration;
        var isForEveryone = set.UserId.Length == 0 && set.Space == UserValueSpace.ClientSetting;
        var refusal = isForEveryone ? Refusal.None : Judge(app, set.Actor, set.UserId, out user);
        if (refusal == Refusal.None && set.Space == UserValueSpace.ClientSetting && !set.Actor.MayManage) refusal = Refusal.NotAllowed;
        if (refusal == Refusal.None && (set.Space == UserValueSpace.None || !Enum.IsDefined(set.Space))) refusal = Refusal.NotAllowed;
        if (refusal == Refusal.None && (set.Key.Length == 0 || Encoding.UTF8.GetByteCount(set.Key) > MaxKeyBytes)) refusal = Refusal.InvalidId;
        if (refusal == Refusal.None && (Encoding.UTF8.GetByteCount(set.Value ?? "") > options.MaxProfileTextBytes * 4 || IsTooLong(set.Extra))) refusal = Refusal.TooLarge;
        if (refusal != Refusal.None)
        {
            decision.Refuse(refusal);
            return;
        }

        var isThere = app.Values.TryFind(user, set.Space, set.Key, out var present);
        if (set.Value is null ? !isThere : isThere && present!.Value == set.Value && present.Extra == set.Extra) return;
        if (!isThere && app.Values.Count(user) >= options.MaxValuesPerUser) decision.Refuse(Refusal.TooMany);
        else decision.Append(new UserValueSet(user, set.Space, set.Key, set.Value, set.Value is null ? "" : set.Extra));
    }

    /// <summary>
    /// Files the change in the lists of friends and of members that the user is on, so that those who have them read it there. Of more than <see cref="MaxListsPerChange"/> the oldest are
    /// left out: they see the change when they read the list as a whole.
    /// </summary>
    static void Append(AppState app, ProfileChanged record, Decision decision)
    {
        var friends = app.Contacts.ListersOf(record.User).Select(FeedIds.Friends);
        var groups = app.Members.GroupsOf(record.User).Where(group => app.Members.AppearsByProfile(group, record.User, record.Nickname is not null, record.FaceUrl is not null)).Select(FeedIds.Members);
        foreach (var chunk in friends.Concat(groups).Take(MaxListsPerChange).Chunk(ProfileChanged.MaxLists)) decision.Append(record with { IsRepeated = decision.Records.Count > 0 }, chunk);
        if (decision.Records.Count == 0) decision.Append(record);
    }

    static string? Changed(string? text, string present) => text == present ? null : text;

    bool IsTooLong(string? text) => text is not null && Encoding.UTF8.GetByteCount(text) > options.MaxProfileTextBytes;
}
