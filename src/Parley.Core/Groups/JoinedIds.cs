namespace Parley.Core.Groups;

/// <summary>Group ids that hold <c>_</c> and could so be two ids joined, found by either half. Ids without cost nothing.</summary>
sealed class JoinedIds
{
    // Twice in order, not once by every part: an id may have sixty parts.
    readonly SortedSet<string> _forwards = new(StringComparer.Ordinal);
    readonly SortedSet<string> _backwards = new(StringComparer.Ordinal);

    public void Add(string id)
    {
        if (!id.Contains('_')) return;
        _forwards.Add(id);
        _backwards.Add(Reversed(id));
    }

    /// <summary>The texts that, joined with this one on either side, give an id.</summary>
    public IEnumerable<string> OthersOf(string part)
    {
        foreach (var rest in BehindOf(_forwards, part)) yield return rest;
        foreach (var rest in BehindOf(_backwards, Reversed(part))) yield return Reversed(rest);
    }

    static IEnumerable<string> BehindOf(SortedSet<string> ids, string part)
    {
        // '`' is the character behind '_'.
        foreach (var id in ids.GetViewBetween(part + "_", part + "`"))
            if (id.StartsWith(part + "_", StringComparison.Ordinal)) yield return id[(part.Length + 1)..];
    }

    static string Reversed(string text) => string.Create(text.Length, text, (span, from) =>
    {
        from.CopyTo(span);
        span.Reverse();
    });
}
