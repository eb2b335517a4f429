using Parley.Core.Snapshots;

namespace Parley.Core.Users;

/// <summary>Small values kept for the users of one app. Those of <see cref="UserNumber.Administration"/> are for everyone.</summary>
public sealed class UserValueTable
{
    // Sorted by space and key.
    readonly Dictionary<UserNumber, List<UserValue>> _values = [];

    internal UserValueTable()
    {
    }

    /// <summary>By key.</summary>
    public IEnumerable<UserValue> Of(UserNumber user, UserValueSpace space)
    {
        if (!_values.TryGetValue(user, out var values)) yield break;
        for (var at = ~Find(values, space, ""); at < values.Count && values[at].Space == space; at++) yield return values[at];
    }

    public bool TryFind(UserNumber user, UserValueSpace space, string key, out UserValue? value)
    {
        value = null;
        if (!_values.TryGetValue(user, out var values) || Find(values, space, key) is not (>= 0 and var at)) return false;
        value = values[at];
        return true;
    }

    public int Count(UserNumber user) => _values.TryGetValue(user, out var values) ? values.Count : 0;

    /// <param name="value">Null removes it.</param>
    internal void Set(UserNumber user, UserValueSpace space, string key, string? value, string extra, long time)
    {
        var values = _values.GetValueOrDefault(user);
        var at = values is null ? ~0 : Find(values, space, key);
        if (value is null)
        {
            if (at < 0) return;
            values!.RemoveAt(at);
            if (values.Count == 0) _values.Remove(user);
        }
        else if (at >= 0)
        {
            values![at] = values[at] with { Value = value, Extra = extra };
        }
        else
        {
            if (values is null) _values[user] = values = [];
            values.Insert(~at, new UserValue(space, key, value, extra, time));
        }
    }

    internal void Forget(UserNumber user) => _values.Remove(user);

    internal void Write(StateWriter output)
    {
        output.Begin(Section.Values, version: 1);
        output.Count(_values.Count);
        foreach (var (user, values) in _values.OrderBy(entry => entry.Key.Value))
        {
            output.Value(user.Value);
            output.Count(values.Count);
            foreach (var value in values)
            {
                output.Value((byte)value.Space);
                output.Value(value.CreatedAt);
                output.Text(value.Key);
                output.Text(value.Value);
                output.Text(value.Extra);
            }
        }

        output.End();
    }

    internal void Read(StateReader input)
    {
        input.Begin(Section.Values, newest: 1);
        for (var users = input.Count(); users > 0; users--)
        {
            var values = _values[new UserNumber(input.Value<uint>())] = [];
            for (var left = input.Count(); left > 0; left--)
            {
                var (space, created) = ((UserValueSpace)input.Value<byte>(), input.Value<long>());
                var value = new UserValue(space, input.NeededText(), input.NeededText(), input.NeededText(), created);
                if (Find(values, space, value.Key) != ~values.Count) throw input.Broken("values are not in order");
                values.Add(value);
            }
        }

        input.End();
    }

    /// <returns>The index, or the complement of where it would be. Keys are never empty, so that the empty one stands before a space's first.</returns>
    static int Find(List<UserValue> values, UserValueSpace space, string key)
    {
        var (low, high) = (0, values.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = values[middle].Space != space ? (int)values[middle].Space - (int)space : string.CompareOrdinal(values[middle].Key, key);
            if (order == 0) return middle;
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }

        return ~low;
    }
}
