using Parley.Core.Users;

namespace Parley.Core.Messages;

/// <summary>What a message is made of. On disk: add, never renumber.</summary>
public enum ContentKind
{
    None = 0,
    Text = 1,
    Picture = 2,
    Voice = 3,
    Video = 4,
    File = 5,
    Location = 6,
    Card = 7,
    Quote = 8,
    Merged = 9,
    Custom = 10,
    Mention = 11,
    Face = 12,
    RichText = 13,
    Markdown = 14,
    Typing = 15,

    /// <summary>The server says that something happened; made by rules alone. See <see cref="EventMessages"/>.</summary>
    Event = 16,

    /// <summary>Bytes that only a back end reads; made by rules alone. See <see cref="RawContent"/>.</summary>
    Raw = 17,
}

/// <summary>What is different from an ordinary message. On disk: bits are never reused.</summary>
[Flags]
public enum MessageTraits
{
    None = 0,

    /// <summary>Delivered to those online and kept nowhere; has no sequence.</summary>
    Transient = 1,
    NotCounted = 2,
    NoConversationUpdate = 4,
    NoSenderConversationUpdate = 8,

    /// <summary>Not delivered to the sender's own devices.</summary>
    NotToSender = 16,
    NoPush = 32,

    /// <summary>To be forgotten by the devices after it was read.</summary>
    Private = 64,

    /// <summary>The server says it, not its sender.</summary>
    System = 128,
}

/// <summary>What the sender wants shown by a vendor's push, where it differs from the default.</summary>
public sealed record PushText(string Title, string Text, string Extra, string Sound, bool Badge);

/// <summary>A message as its sender meant it, free of any protocol. Immutable, shared by command, record and deliveries.</summary>
/// <param name="ClientId">1–64 bytes chosen by the sender; one message per sender, conversation and client id.</param>
/// <param name="Body">Text: the text itself. Other kinds: a UTF-8 JSON document whose keys <c>Records/FORMAT.md</c> lists. Never empty.</param>
/// <param name="CreatedAt">The sender's own clock, ms since 1970; shown, never trusted.</param>
/// <param name="Platform">Platform of the sending device.</param>
public sealed record Message(UserNumber Sender, string ClientId, ContentKind Kind, ReadOnlyMemory<byte> Body, long CreatedAt, int Platform)
{
    /// <summary>Among the mentions: everyone. The word is OpenIM's.</summary>
    public const string Everyone = "AtAllTag";

    public MessageTraits Traits { get; init; }
    public string SenderNickname { get; init; } = "";
    public string SenderFaceUrl { get; init; } = "";
    /// <summary>Ids of the users who are meant; <see cref="Everyone"/> stands for all members of the group.</summary>
    public IReadOnlyList<string> Mentions { get; init; } = [];

    /// <summary>Text that clients attach for each other; not interpreted.</summary>
    public string Attached { get; init; } = "";
    public string Extra { get; init; } = "";
    public PushText? Push { get; init; }

    /// <summary>Bytes only the edge that took the message reads; at most 4 KiB.</summary>
    public ReadOnlyMemory<byte> Origin { get; init; }

    /// <summary>Bytes that this message holds in memory and on disk, roughly.</summary>
    public int Size
    {
        get
        {
            var size = 64 + ClientId.Length + Body.Length + Origin.Length
                + (2 * (SenderNickname.Length + SenderFaceUrl.Length + Attached.Length + Extra.Length));
            foreach (var mention in Mentions) size += 2 * mention.Length;
            return Push is null ? size : size + (2 * (Push.Title.Length + Push.Text.Length + Push.Extra.Length + Push.Sound.Length));
        }
    }
}
