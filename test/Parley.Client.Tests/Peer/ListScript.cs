using System.Text.Json;
using System.Text.Json.Nodes;

namespace Parley.Client.Tests.Peer;

/// <summary>A list of the server with its versions: who knows an older one gets what changed since, anyone else all of it in pages.</summary>
sealed class ListScript(string idKey, string pageKey)
{
    readonly Dictionary<string, JsonObject> _entries = [];
    readonly List<(string Id, bool IsNew)> _changes = [];

    public string VersionId { get; set; } = "log-1";

    public int PagesAsked { get; private set; }

    /// <summary>Runs before a page is given, with its number.</summary>
    public Action<int>? BeforePage { get; set; }

    public void Put(string id, JsonObject entry)
    {
        _changes.Add((id, !_entries.ContainsKey(id)));
        _entries[id] = entry;
    }

    public void Remove(string id)
    {
        _changes.Add((id, false));
        _entries.Remove(id);
    }

    public JsonObject Changes(JsonElement asked)
    {
        var version = asked.GetProperty("version").GetInt64();
        var answer = new JsonObject { ["version"] = _changes.Count + 1, ["versionID"] = VersionId, ["full"] = false };
        if (asked.GetProperty("versionID").GetString() != VersionId || version < 1 || version > _changes.Count + 1)
        {
            answer["full"] = true;
            return answer;
        }
        var since = _changes.Skip((int)version - 1).ToList();
        var touched = since.Select(one => one.Id).Distinct().ToList();
        answer["delete"] = new JsonArray([.. touched.Where(id => !_entries.ContainsKey(id)).Select(id => (JsonNode)id)]);
        var present = touched.Where(_entries.ContainsKey).ToLookup(id => since.Contains((id, true)));
        answer["insert"] = Written(present[true]);
        answer["update"] = Written(present[false]);
        return answer;
    }

    public JsonObject Page(JsonElement asked)
    {
        var pagination = asked.GetProperty("pagination");
        var (number, length) = (pagination.GetProperty("pageNumber").GetInt32(), pagination.GetProperty("showNumber").GetInt32());
        PagesAsked++;
        BeforePage?.Invoke(number);
        return new JsonObject { [pageKey] = Written(_entries.Keys.Order(StringComparer.Ordinal).Skip((number - 1) * length).Take(length)), ["total"] = _entries.Count };
    }

    JsonArray Written(IEnumerable<string> ids) => [.. ids.Select(id =>
    {
        var entry = _entries[id].DeepClone().AsObject();
        if (idKey.Length > 0) entry[idKey] = id;
        return entry;
    })];
}
