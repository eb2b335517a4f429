using Google.Protobuf.Collections;
using Parley.Core.Messages;

namespace Parley.Edges.OpenIM.Translation;

/// <summary>OpenIM's options map. A missing key means true, so only what is false says anything.</summary>
static class MessageOptions
{
    public const string IsNotNotification = "isNotNotification";
    public const string History = "history";

    static readonly (string Key, MessageTraits Trait)[] Traits =
    [
        (History, MessageTraits.Transient),
        ("unreadCount", MessageTraits.NotCounted),
        ("conversationUpdate", MessageTraits.NoConversationUpdate),
        ("senderConversationUpdate", MessageTraits.NoSenderConversationUpdate),
        ("senderSync", MessageTraits.NotToSender),
        ("offlinePush", MessageTraits.NoPush),
        ("notPrivate", MessageTraits.Private),
    ];

    /// <summary>Keys that mean nothing to Parley but something to the clients: they are given back.</summary>
    static readonly string[] PassedThrough = ["persistent", "isSendMsg", "senderNotificationPush", "reactionFromCache"];

    /// <summary>Messages that claim to be notifications of the server.</summary>
    public static bool ClaimsNotification(MapField<string, bool> options) => IsFalse(options, IsNotNotification);

    public static MessageTraits Read(MapField<string, bool> options)
    {
        var traits = MessageTraits.None;
        if (options.Count == 0) return traits;
        foreach (var (key, trait) in Traits)
            if (IsFalse(options, key)) traits |= trait;
        return traits;
    }

    public static void CopyPassedThrough(MapField<string, bool> from, MapField<string, bool> to)
    {
        if (from.Count == 0) return;
        foreach (var key in PassedThrough)
            if (IsFalse(from, key)) to[key] = false;
    }

    public static void Write(MessageTraits traits, MapField<string, bool> options)
    {
        if (traits == MessageTraits.None) return;
        foreach (var (key, trait) in Traits)
            if (traits.HasFlag(trait)) options[key] = false;
    }

    static bool IsFalse(MapField<string, bool> options, string key) => options.TryGetValue(key, out var value) && !value;
}
