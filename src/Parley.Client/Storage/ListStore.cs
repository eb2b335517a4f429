using System.Text.Json;

namespace Parley.Client.Storage;

/// <summary>How far a list is known; without an id it is not.</summary>
readonly record struct ListVersion(string Id, long Number)
{
    public static readonly ListVersion None = new("", 0);
}

/// <param name="Rank">Place in the list; entries of one rank stand in the order of their ids.</param>
/// <param name="Data">The protocol's object as JSON, as received.</param>
readonly record struct ListEntry(string Id, long Rank, string Data);

/// <summary>What became different in a list.</summary>
readonly record struct ListDifference(IReadOnlyList<string> Added, IReadOnlyList<string> Changed, IReadOnlyList<string> Removed)
{
    public bool IsNone => Added.Count + Changed.Count + Removed.Count == 0;
}

/// <summary>The lists of the local store: friends, groups and so on, each with the version up to which it is known.</summary>
sealed class ListStore(StoreFile file)
{
    public bool IsKept(string list) => VersionOf(list) is not null;

    /// <returns>Null for a list that was never loaded.</returns>
    public ListVersion? VersionOf(string list) => file.Take(database => database.Query(
        "SELECT version_id, version FROM lists WHERE name=$0", row => (ListVersion?)new ListVersion(row.GetString(0), row.GetInt64(1)), list).FirstOrDefault());

    public IReadOnlyList<string> Names() => file.Take(database => database.Query("SELECT name FROM lists ORDER BY name", row => row.GetString(0)));

    /// <summary>Takes over changes, and the version that they lead to.</summary>
    public ListDifference Change(string list, ListVersion version, IEnumerable<string> removed, IEnumerable<ListEntry> put) => file.Atomically(database =>
    {
        List<string> added = [], changed = [], gone = [];
        foreach (var id in removed)
        {
            if (Remove(database, list, id)) gone.Add(id);
        }
        foreach (var entry in put) Put(database, list, entry, added, changed);
        SetVersion(database, list, version);
        return new ListDifference(added, changed, gone);
    });

    /// <summary>Takes over a whole list.</summary>
    public ListDifference Replace(string list, ListVersion version, IReadOnlyList<ListEntry> entries) => file.Atomically(database =>
    {
        List<string> added = [], changed = [];
        var gone = database.Query("SELECT id FROM list_entries WHERE list=$0", row => row.GetString(0), list).Except(entries.Select(entry => entry.Id)).ToList();
        foreach (var id in gone) Remove(database, list, id);
        foreach (var entry in entries) Put(database, list, entry, added, changed);
        SetVersion(database, list, version);
        return new ListDifference(added, changed, gone);
    });

    /// <summary>Takes over one entry that the list has already, and leaves the version.</summary>
    /// <returns>Whether it is different now.</returns>
    public bool Update(string list, ListEntry entry) => file.Take(database =>
        database.Execute("UPDATE list_entries SET rank=$2, data=$3 WHERE list=$0 AND id=$1 AND data<>$3", list, entry.Id, entry.Rank, entry.Data) > 0);

    public void Forget(string list) => file.Atomically(database =>
        database.Execute("DELETE FROM list_entries WHERE list=$0", list) + database.Execute("DELETE FROM lists WHERE name=$0", list));

    public IReadOnlyList<JsonElement> Read(string list) => Page(list, 0, int.MaxValue);

    public IReadOnlyList<JsonElement> Page(string list, int skip, int count) => file.Take(database => database.Query(
        "SELECT data FROM list_entries WHERE list=$0 ORDER BY rank, id LIMIT $2 OFFSET $1", row => Parse(row.GetString(0)), list, skip, count));

    /// <returns>Undefined when there is none.</returns>
    public JsonElement Find(string list, string id) => file.Take(database =>
        database.Query("SELECT data FROM list_entries WHERE list=$0 AND id=$1", row => Parse(row.GetString(0)), list, id).FirstOrDefault());

    static void Put(Database database, string list, ListEntry entry, List<string> added, List<string> changed)
    {
        var isNew = database.Execute("INSERT INTO list_entries VALUES ($0, $1, $2, $3) ON CONFLICT DO NOTHING", list, entry.Id, entry.Rank, entry.Data) > 0;
        if (isNew) added.Add(entry.Id);
        else if (database.Execute("UPDATE list_entries SET rank=$2, data=$3 WHERE list=$0 AND id=$1 AND data<>$3", list, entry.Id, entry.Rank, entry.Data) > 0)
            changed.Add(entry.Id);
    }

    static bool Remove(Database database, string list, string id) => database.Execute("DELETE FROM list_entries WHERE list=$0 AND id=$1", list, id) > 0;

    static void SetVersion(Database database, string list, ListVersion version) => database.Execute(
        "INSERT INTO lists VALUES ($0, $1, $2) ON CONFLICT (name) DO UPDATE SET version_id=$1, version=$2", list, version.Id, version.Number);

    static JsonElement Parse(string data)
    {
        using var document = JsonDocument.Parse(data);
        return document.RootElement.Clone();
    }
}
