using System.Collections;
using System.Reflection;

namespace Parley.Core.Tests;

/// <summary>Everything that hangs on a state, private fields too, as paths and values; found by reflection, so that it knows fields nobody told it of.</summary>
sealed class StateGraph
{
    const BindingFlags Everything = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>Fields that only say where something lies. What lies there is looked at by other means: see <see cref="StateFieldsTests"/>.</summary>
    static readonly HashSet<string> Skipped =
    [
        "PairTable._slots", "PairTable._shift",
        "TokenTable._indexes", "TokenTable._rows", "TokenTable._used", "TokenTable._free", "UserRow.FirstToken",
        "ApplicationTable._rows", "ApplicationTable._ofGroups", "ApplicationTable._ofUsers",
        "RememberedMessages._names", "RememberedMessages._slots", "RememberedMessages._used", "RememberedMessages._free", "RememberedMessages._oldest", "RememberedMessages._newest", "RememberedMessages._keptAfter",
        "UserRow.OldestRemembered", "UserRow.NewestRemembered",
    ];

    readonly HashSet<object> _seen = new(ReferenceEqualityComparer.Instance);

    StateGraph()
    {
    }

    public SortedDictionary<string, string> Values { get; } = new(StringComparer.Ordinal);

    /// <summary>The values that each field has somewhere.</summary>
    public Dictionary<string, HashSet<string>> ByField { get; } = [];

    public static StateGraph Of(State state)
    {
        var graph = new StateGraph();
        graph.Walk(state, "state", "");
        return graph;
    }

    /// <summary>Names of all fields of a type, as they are here.</summary>
    public static IEnumerable<string> FieldsOf(Type type) => type.GetFields(Everything).Select(field => NameOf(field.Name));

    void Walk(object? value, string path, string field)
    {
        if (value is null or string || value.GetType() is var type && (type.IsPrimitive || type.IsEnum || value is UInt128 or TimeSpan))
        {
            Values[path] = value?.ToString() ?? "null";
            if (!ByField.TryGetValue(field, out var values)) ByField[field] = values = [];
            values.Add(Values[path]);
            return;
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Rows<>))
        {
            var count = (int)type.GetProperty("Count")!.GetValue(value)!;
            var rows = ((IEnumerable)type.GetField("_chunks", Everything)!.GetValue(value)!).Cast<Array>().SelectMany(chunk => chunk.Cast<object>()).Take(count);
            WalkAll(rows, path, field);
        }
        else if (value is IDictionary dictionary)
        {
            foreach (DictionaryEntry entry in dictionary) Walk(entry.Value, $"{path}[{entry.Key}]", field);
        }
        else if (value is IEnumerable items)
        {
            WalkAll(items.Cast<object?>(), path, field);
        }
        else if (type.IsValueType || _seen.Add(value))
        {
            WalkFields(value, type, path);
        }
    }

    void WalkAll(IEnumerable<object?> items, string path, string field)
    {
        var index = 0;
        foreach (var item in items) Walk(item, $"{path}[{index++}]", field);
        Values[path + "#"] = index.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    void WalkFields(object value, Type type, string path)
    {
        foreach (var field in type.GetFields(Everything))
        {
            var name = $"{NameOf(type.Name)}.{NameOf(field.Name)}";
            if (Skipped.Contains(name)) continue;
            var held = field.GetValue(value);
            // There is room for more at the end.
            if (value is Groups.GroupRow group && field.Name == "Members") held = group.Members?[..group.MemberCount];
            Walk(held, $"{path}.{NameOf(field.Name)}", name);
        }
    }

    /// <summary>Without arity, and without what a compiler puts around the name of a property.</summary>
    static string NameOf(string name) => name.StartsWith('<') ? name[1..name.IndexOf('>')] : name.Split('`')[0];
}
