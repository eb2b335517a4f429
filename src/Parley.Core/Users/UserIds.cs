using System.Text;

namespace Parley.Core.Users;

/// <summary>Which texts may be a user's id, and why some may not.</summary>
public static class UserIds
{
    public const int MaxBytes = 64;

    /// <summary>im_service knows users by a number: a user whose id is no number appears there as this plus its <see cref="UserNumber"/>.</summary>
    public const long ForeignNumberBase = 1L << 52;

    const string ErasedPrefix = "erased-";

    /// <summary>The id of a user who was erased. Nobody can register one like it.</summary>
    public static string OfErased(UserNumber user) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{ErasedPrefix}{user.Value}");

    /// <summary>Whether it could be <see cref="OfErased"/> of somebody.</summary>
    internal static bool IsOfErased(string id)
        => id.StartsWith(ErasedPrefix, StringComparison.Ordinal) && id.Length > ErasedPrefix.Length && id[ErasedPrefix.Length] is >= '1' and <= '9'
            && uint.TryParse(id.AsSpan(ErasedPrefix.Length), System.Globalization.NumberStyles.None, null, out var number) && number < UserNumber.Limit;

    /// <summary>Judges an id by its text alone.</summary>
    public static Refusal Judge(string id)
    {
        if (id.Length is 0 or > MaxBytes || Encoding.UTF8.GetByteCount(id) > MaxBytes) return Refusal.InvalidId;
        foreach (var c in id)
            if (char.IsControl(c) || char.IsSurrogate(c) && !IsWellFormed(id)) return Refusal.InvalidId;
        return IsReserved(id) ? Refusal.ReservedId : Refusal.None;
    }

    /// <summary>The order of ids in a conversation's text: that of their UTF-8 bytes, which is that of code points (surrogates stand for what lies above U+FFFF).</summary>
    public static int Compare(string one, string other)
    {
        var common = one.AsSpan().CommonPrefixLength(other);
        if (common == one.Length || common == other.Length) return one.Length - other.Length;
        var (a, b) = (one[common], other[common]);
        return char.IsSurrogate(a) == char.IsSurrogate(b) || Math.Min(a, b) < 0xD800 ? a - b : char.IsSurrogate(a) ? 1 : -1;
    }

    /// <summary>
    /// A peer conversation is written <c>si_x_y</c> with the ids in order, and read from the side of one of the two. The text of a caller u is ambiguous
    /// when both "u_p" and "q_u" spell it for two different users p and q. Then u = q_w = w_p, so "q_" and "_p" are rotations of one word; every such
    /// triple that <paramref name="id"/> would complete, in whichever role, is looked up.
    /// </summary>
    public static bool WouldBeAmbiguous(string id, Func<string, bool> isTaken)
    {
        foreach (var (u, q, p) in Triples(id))
            if ((u == id || isTaken(u)) && (q == id || isTaken(q)) && (p == id || isTaken(p))) return true;
        return false;
    }

    static IEnumerable<(string U, string Q, string P)> Triples(string id)
    {
        for (var cut = id.IndexOf('_'); cut >= 0; cut = id.IndexOf('_', cut + 1))
        {
            var q = id[..cut];
            var p = id[(id.Length - cut)..];
            var w = id[(cut + 1)..];
            if (q.Length > 0 && q != p && id == w + "_" + p && IsSplit(id, q, p)) yield return (id, q, p);
        }

        for (var cut = 0; cut <= id.Length; cut++)
        {
            // As q: "q_" = αβ. As p: "_p" = βα.
            foreach (var triple in Between((id + "_")[..cut], (id + "_")[cut..])) if (triple.Q == id) yield return triple;
            foreach (var triple in Between(("_" + id)[(cut + 1)..], ("_" + id)[..(cut + 1)])) if (triple.P == id) yield return triple;
        }
    }

    /// <summary>With "q_" = αβ and "_p" = βα: every u = q_w with w = (αβ)ᵏα that fits into an id.</summary>
    static IEnumerable<(string U, string Q, string P)> Between(string alpha, string beta)
    {
        var (rotation, other) = (alpha + beta, beta + alpha);
        if (rotation.Length < 2 || rotation[^1] != '_' || other[0] != '_') yield break;
        var (q, p) = (rotation[..^1], other[1..]);
        if (q == p) yield break;
        for (var w = alpha; q.Length + 1 + w.Length <= MaxBytes; w = rotation + w)
            if (IsSplit(q + "_" + w, q, p)) yield return (q + "_" + w, q, p);
    }

    static bool IsSplit(string u, string q, string p)
        => u + "_" + p == q + "_" + u && Compare(u, p) < 0 && Compare(q, u) < 0;

    static bool IsReserved(string id)
        => IsOfErased(id) || (id[0] is >= '1' and <= '9' && long.TryParse(id, System.Globalization.NumberStyles.None, null, out var number)
            && number is >= ForeignNumberBase and < ForeignNumberBase + UserNumber.Limit);

    static bool IsWellFormed(string id)
    {
        for (var i = 0; i < id.Length; i++)
        {
            if (char.IsHighSurrogate(id[i]) && i + 1 < id.Length && char.IsLowSurrogate(id[i + 1])) i++;
            else if (char.IsSurrogate(id[i])) return false;
        }

        return true;
    }
}
