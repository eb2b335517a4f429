using Parley.Core.Messages;

namespace Parley.Edges.OpenIM.Translation;

/// <summary>OpenIM's content types and Parley's kinds. Types without a kind of their own are refused, not guessed.</summary>
static class ContentTypes
{
    public const int Text = 101;
    public const int Typing = 113;

    /// <summary>What an account that speaks for the system says; sent by back ends.</summary>
    public const int SystemNotice = 1400;

    static readonly (int Type, ContentKind Kind)[] Table =
    [
        (Text, ContentKind.Text),
        (102, ContentKind.Picture),
        (103, ContentKind.Voice),
        (104, ContentKind.Video),
        (105, ContentKind.File),
        (106, ContentKind.Mention),
        (107, ContentKind.Merged),
        (108, ContentKind.Card),
        (109, ContentKind.Location),
        (110, ContentKind.Custom),
        (Typing, ContentKind.Typing),
        (114, ContentKind.Quote),
        (115, ContentKind.Face),
        (117, ContentKind.RichText),
        (118, ContentKind.Markdown),
        // Custom content that does not raise the conversation, and custom content for those online: the exact type travels as origin.
        (119, ContentKind.Custom),
        (120, ContentKind.Custom),
        (SystemNotice, ContentKind.Custom),
    ];

    /// <summary><see cref="ContentKind.None"/> for a type that is not offered.</summary>
    public static ContentKind KindOf(int contentType)
    {
        foreach (var (type, kind) in Table)
            if (type == contentType) return kind;
        return ContentKind.None;
    }

    /// <summary>The type that stands for a kind when nothing says which one it was.</summary>
    public static int Of(ContentKind contentKind)
    {
        foreach (var (type, kind) in Table)
            if (kind == contentKind) return type;
        return Table[9].Type;
    }
}
