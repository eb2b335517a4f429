namespace Parley.Client.Messages;

/// <summary>The protocol's numbers for what a message carries.</summary>
public static class ContentTypes
{
    public const int Text = 101;
    public const int Picture = 102;
    public const int Voice = 103;
    public const int Video = 104;
    public const int File = 105;
    public const int Mention = 106;
    public const int Merged = 107;
    public const int Card = 108;
    public const int Location = 109;
    public const int Custom = 110;

    /// <summary>Handed over and not stored.</summary>
    public const int Typing = 113;
    public const int Quote = 114;
    public const int Face = 115;
    public const int RichText = 117;
    public const int Markdown = 118;

    /// <summary>What is left of a message that was taken back.</summary>
    public const int Recalled = 2101;

    /// <summary>The key under which the protocol embeds such content in a message within a message.</summary>
    internal static string ElementOf(int contentType) => contentType switch
    {
        Text => "textElem",
        Picture => "pictureElem",
        Voice => "soundElem",
        Video => "videoElem",
        File => "fileElem",
        Mention => "atTextElem",
        Merged => "mergeElem",
        Card => "cardElem",
        Location => "locationElem",
        Custom or 119 or 120 => "customElem",
        Typing => "typingElem",
        Quote => "quoteElem",
        Face => "faceElem",
        RichText => "advancedTextElem",
        Markdown => "markdownTextElem",
        _ => "notificationElem",
    };
}
