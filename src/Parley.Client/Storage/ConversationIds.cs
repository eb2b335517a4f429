using System.Text;

namespace Parley.Client.Storage;

/// <summary>The texts that name conversations in this protocol.</summary>
static class ConversationIds
{
    /// <summary><c>si_</c> and both users in ascending order of their bytes.</summary>
    public static string BetweenTwo(string a, string b) =>
        Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b)) <= 0 ? $"si_{a}_{b}" : $"si_{b}_{a}";

    /// <summary>Empty when the conversation is not between <paramref name="user"/> and another.</summary>
    public static string PeerOf(string conversation, string user)
    {
        if (!conversation.StartsWith("si_", StringComparison.Ordinal)) return "";
        // Ids may hold underscores themselves, so the text is taken from both ends and checked by building it again.
        var rest = conversation[3..];
        if (rest.StartsWith(user + "_", StringComparison.Ordinal) && BetweenTwo(user, rest[(user.Length + 1)..]) == conversation)
            return rest[(user.Length + 1)..];
        if (rest.EndsWith("_" + user, StringComparison.Ordinal) && BetweenTwo(user, rest[..^(user.Length + 1)]) == conversation)
            return rest[..^(user.Length + 1)];
        return "";
    }

    public static string OfGroup(string group) => "sg_" + group;

    public static string GroupOf(string conversation) => conversation.StartsWith("sg_", StringComparison.Ordinal) ? conversation[3..] : "";

    /// <summary>The companion of a conversation that carries recalls, receipts and the like.</summary>
    public static bool IsNotification(string conversation) => conversation.StartsWith("n_", StringComparison.Ordinal);
}
