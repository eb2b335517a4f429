using Parley.Core.Groups;
using Parley.Core.Messages;
using Parley.Core.Users;

namespace Parley.Core.Commands;

/// <summary>A user or a group, as a back end names it: by its id or, when that is empty, by its number.</summary>
public readonly record struct Addressee(string Id, uint Number)
{
    public bool TryFind(UserTable users, out UserNumber user)
    {
        if (!string.IsNullOrEmpty(Id)) return users.TryFind(Id, out user);
        user = new UserNumber(Number);
        return users.Contains(user);
    }

    public bool TryFind(GroupTable groups, out GroupNumber group)
    {
        if (!string.IsNullOrEmpty(Id)) return groups.TryFind(Id, out group);
        group = new GroupNumber(Number);
        return groups.Contains(group);
    }
}

/// <summary>Saves a back end's message. For administrators.</summary>
/// <param name="ClientId">1–64 bytes: a repeat with the same id, content and receivers gets the first answer.</param>
public abstract record SaveCommand(long App, Actor Actor, string ClientId, RawContent Content) : Command(App, Actor);

/// <summary>
/// Saves a message to the inboxes of users and nowhere else, all or none. The outcome names the first record; <see cref="Storage.InboxFiling"/> says which record
/// is filed in which inbox.
/// </summary>
/// <param name="Users">At least one; at most <see cref="CoreOptions.MaxInboxesPerCommand"/>. Who is named twice gets it once.</param>
public sealed record SaveToInboxes(long App, Actor Actor, string ClientId, RawContent Content, IReadOnlyList<Addressee> Users) : SaveCommand(App, Actor, ClientId, Content);

/// <summary>Saves a message to the conversation of a group, and to no member's inbox.</summary>
public sealed record SaveToGroup(long App, Actor Actor, string ClientId, RawContent Content, Addressee Group) : SaveCommand(App, Actor, ClientId, Content);
