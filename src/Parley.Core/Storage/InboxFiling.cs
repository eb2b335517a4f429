using System.Numerics;
using Parley.Core.Commands;
using Parley.Core.Users;

namespace Parley.Core.Storage;

/// <summary>Which record of a <see cref="SaveToInboxes"/> is filed in whose inbox: receivers in the order of their numbers, however they were named, so many to a record.</summary>
public static class InboxFiling
{
    public const int MaxPerRecord = 200;

    /// <summary>Each once, ascending; null when one of them is unknown.</summary>
    public static UserNumber[]? Receivers(UserTable users, IReadOnlyList<Addressee> named)
    {
        var receivers = new HashSet<UserNumber>(named.Count);
        foreach (var name in named)
        {
            if (!name.TryFind(users, out var user) || !users.IsActive(user)) return null;
            receivers.Add(user);
        }

        return [.. receivers.OrderBy(user => user.Value)];
    }

    internal static ulong FingerprintOf(UserNumber[] receivers)
    {
        var crc = (uint)receivers.Length;
        foreach (var receiver in receivers) crc = BitOperations.Crc32C(crc, receiver.Value);
        // Above the bits of a content's checksum and below those of its length, so that neither makes up for the other.
        return ((ulong)receivers.Length << 48) ^ ((ulong)crc << 16);
    }
}
