using Parley.Core;
using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Users;

namespace Parley.Simulation;

/// <summary>
/// A hash over everything a reader of the state can see. Views are records of plain values, so their hash codes cover every field, those to come too; like all hash
/// codes of texts they are good within one process.
/// </summary>
static class StateDigest
{
    static readonly UserValueSpace[] Spaces = Enum.GetValues<UserValueSpace>();

    public static ulong Of(State state)
    {
        var digest = new Fnv();
        digest.Add(state.Position);
        digest.Add(state.Time);
        foreach (var number in state.Apps)
        {
            var app = state.App(number);
            digest.Add(number);
            digest.Add(app.Users.Count);
            digest.Add(app.Tokens.Count);
            digest.Add(app.Conversations.Count);
            digest.Add(app.RememberedCount);
            digest.Add(app.Members.Count);
            for (uint user = 0; user <= app.Users.Count; user++) Add(ref digest, app, new UserNumber(user));
            for (uint group = 1; group <= app.Groups.Count; group++) Add(ref digest, app, new GroupNumber(group));
        }

        return digest.Value;
    }

    /// <summary>All of it, what no view shows too.</summary>
    public static byte[] Written(State state)
    {
        var stream = new MemoryStream();
        state.Write(stream);
        return stream.ToArray();
    }

    static void Add(ref Fnv digest, AppState app, UserNumber user)
    {
        AddAll(ref digest, app.Tokens.Of(user));
        digest.Add(app.Values.Count(user));
        foreach (var space in Spaces) AddAll(ref digest, app.Values.Of(user, space));
        if (user == UserNumber.Administration) return;

        digest.Add(app.Users.Profile(user).GetHashCode());
        digest.Add(app.Users.PasswordHash(user) ?? "");
        foreach (var view in app.Conversations.Of(user))
        {
            digest.Add(view.GetHashCode());
            foreach (var hidden in app.Conversations.HiddenIn(view.Key, user, 1, long.MaxValue)) digest.Add(hidden);
            if (view.Key.Kind == ConversationKind.Peer && view.Key.First == user) AddMessages(ref digest, app, view.Key, view.Last);
        }

        digest.Add(app.Conversations.VersionOf(user));
        digest.Add(app.Members.JoinedVersionOf(user));
        foreach (var group in app.Members.AllGroupsOf(user)) digest.Add(app.Members.View(group, user).GetHashCode());
        AddAll(ref digest, app.Applications.From(user));
        AddContacts(ref digest, app, user);
    }

    static void AddContacts(ref Fnv digest, AppState app, UserNumber user)
    {
        digest.Add(app.Contacts.FriendsVersion(user));
        digest.Add(app.Contacts.FriendCount(user));
        AddAll(ref digest, app.Contacts.FriendsOf(user));
        AddAll(ref digest, app.Contacts.ListersOf(user));
        digest.Add(app.Contacts.BlocksVersion(user));
        digest.Add(app.Contacts.BlockCount(user));
        AddAll(ref digest, app.Contacts.BlocksOf(user));
        AddAll(ref digest, app.Contacts.RequestsFrom(user));
        AddAll(ref digest, app.Contacts.RequestsTo(user));
    }

    static void Add(ref Fnv digest, AppState app, GroupNumber group)
    {
        digest.Add(app.Groups.View(group).GetHashCode());
        digest.Add(app.Members.AdministratorCount(group));
        AddAll(ref digest, app.Members.Page(group, 0, int.MaxValue));
        AddAll(ref digest, app.Applications.To(group));
        var key = ConversationKey.Of(group);
        AddMessages(ref digest, app, key, app.Conversations.LastSequence(key));
    }

    static void AddMessages(ref Fnv digest, AppState app, ConversationKey key, long last)
    {
        AddAll(ref digest, app.Conversations.OperationsIn(key, 1, long.MaxValue));
        AddAll(ref digest, app.Pins.In(key));
        for (var sequence = 1L; sequence <= last; sequence++) AddAll(ref digest, app.Reactions.Of(key, sequence));
    }

    static void AddAll<T>(ref Fnv digest, IEnumerable<T> views) where T : notnull
    {
        var count = 0;
        foreach (var view in views)
        {
            digest.Add(view.GetHashCode());
            count++;
        }

        digest.Add(count);
    }
}

/// <summary>FNV-1a over 64-bit words: to compare, not to protect.</summary>
struct Fnv()
{
    public ulong Value { get; private set; } = 14_695_981_039_346_656_037;

    public void Add(long value)
    {
        Value = (Value ^ (ulong)value) * 1_099_511_628_211;
        Value ^= Value >> 29;
    }

    public void Add(string text)
    {
        Add(text.Length);
        foreach (var c in text) Add(c);
    }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        Add(bytes.Length);
        foreach (var b in bytes) Add(b);
    }
}
