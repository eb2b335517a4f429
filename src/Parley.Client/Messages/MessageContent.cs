using System.Text.Json.Nodes;

namespace Parley.Client.Messages;

/// <summary>What a message carries: made here, sent by <see cref="ClientMessages.SendAsync"/>.</summary>
public sealed class MessageContent
{
    /// <summary>In place of a user, mentions everyone.</summary>
    public const string Everyone = "AtAllTag";

    MessageContent(int contentType, byte[] json, IReadOnlyList<string>? mentions = null) => (ContentType, Json, Mentions) = (contentType, json, mentions ?? []);

    /// <summary>One of <see cref="ContentTypes"/>, or another of the protocol.</summary>
    public int ContentType { get; }

    /// <summary>UTF-8.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>Users to be told that they are meant.</summary>
    public IReadOnlyList<string> Mentions { get; }

    public static MessageContent Text(string text) => Of(ContentTypes.Text, new() { ["content"] = Given(text) });

    public static MessageContent Markdown(string text) => Of(ContentTypes.Markdown, new() { ["content"] = Given(text) });

    /// <summary>A picture that was uploaded before.</summary>
    /// <param name="size">In bytes.</param>
    /// <param name="thumbnailUrl">Null shows the picture itself.</param>
    public static MessageContent Picture(Uri url, int width = 0, int height = 0, long size = 0, string type = "", Uri? thumbnailUrl = null)
    {
        JsonObject Version(Uri at, bool original) => new()
        {
            ["uuid"] = "",
            ["type"] = type,
            ["size"] = original ? size : 0,
            ["width"] = original ? width : 0,
            ["height"] = original ? height : 0,
            ["url"] = at.AbsoluteUri,
        };
        return Of(ContentTypes.Picture, new()
        {
            ["sourcePath"] = "",
            ["sourcePicture"] = Version(url, true),
            ["bigPicture"] = Version(url, true),
            ["snapshotPicture"] = Version(thumbnailUrl ?? url, thumbnailUrl is null),
        });
    }

    /// <summary>A recording that was uploaded before.</summary>
    /// <param name="size">In bytes.</param>
    public static MessageContent Voice(Uri url, TimeSpan duration, long size = 0, string type = "") => Of(ContentTypes.Voice, new()
    {
        ["uuid"] = "",
        ["soundPath"] = "",
        ["sourceUrl"] = url.AbsoluteUri,
        ["dataSize"] = size,
        ["duration"] = Seconds(duration),
        ["soundType"] = type,
    });

    /// <summary>A video that was uploaded before, and a still of it.</summary>
    /// <param name="size">In bytes.</param>
    public static MessageContent Video(Uri url, TimeSpan duration, Uri? stillUrl = null, int stillWidth = 0, int stillHeight = 0, long size = 0, string type = "") =>
        Of(ContentTypes.Video, new()
        {
            ["videoPath"] = "",
            ["videoUUID"] = "",
            ["videoUrl"] = url.AbsoluteUri,
            ["videoType"] = type,
            ["videoSize"] = size,
            ["duration"] = Seconds(duration),
            ["snapshotPath"] = "",
            ["snapshotUUID"] = "",
            ["snapshotSize"] = 0,
            ["snapshotUrl"] = stillUrl?.AbsoluteUri ?? "",
            ["snapshotWidth"] = stillWidth,
            ["snapshotHeight"] = stillHeight,
            ["snapshotType"] = "",
        });

    /// <summary>A file that was uploaded before.</summary>
    /// <param name="size">In bytes.</param>
    public static MessageContent File(Uri url, string name, long size = 0, string type = "") => Of(ContentTypes.File, new()
    {
        ["filePath"] = "",
        ["uuid"] = "",
        ["sourceUrl"] = url.AbsoluteUri,
        ["fileName"] = Given(name),
        ["fileSize"] = size,
        ["fileType"] = type,
    });

    /// <summary>Text that calls on users of a group; <see cref="Everyone"/> stands for all.</summary>
    /// <param name="quoted">What it answers to, if anything.</param>
    public static MessageContent Mention(string text, IReadOnlyList<string> userIds, Message? quoted = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(userIds.Count);
        var content = new JsonObject
        {
            ["text"] = Given(text),
            ["atUserList"] = new JsonArray([.. userIds.Select(userId => (JsonNode)userId)]),
            ["atUsersInfo"] = new JsonArray([.. userIds.Select(userId => new JsonObject { ["atUserID"] = userId, ["groupNickname"] = "" })]),
            ["isAtSelf"] = false,
        };
        if (quoted is not null) content["quoteMessage"] = EmbeddedMessage.Write(quoted);
        return new MessageContent(ContentTypes.Mention, ContentJson.Write(content), userIds);
    }

    /// <summary>Text that answers to a message.</summary>
    public static MessageContent Quote(string text, Message quoted) => Of(ContentTypes.Quote, new()
    {
        ["text"] = Given(text),
        ["quoteMessage"] = EmbeddedMessage.Write(quoted),
        ["messageEntityList"] = new JsonArray(),
    });

    /// <summary>Messages passed on as one.</summary>
    /// <param name="summaries">Lines to show before it is opened.</param>
    public static MessageContent Merged(string title, IReadOnlyList<string> summaries, IReadOnlyList<Message> messages) => Of(ContentTypes.Merged, new()
    {
        ["title"] = Given(title),
        ["abstractList"] = new JsonArray([.. summaries.Select(summary => (JsonNode)summary)]),
        ["multiMessage"] = new JsonArray([.. messages.Select(EmbeddedMessage.Write)]),
        ["messageEntityList"] = new JsonArray(),
    });

    /// <summary>A user, to get to know.</summary>
    public static MessageContent Card(string userId, string nickname = "", string faceUrl = "", string extra = "") =>
        Of(ContentTypes.Card, new() { ["userID"] = Given(userId), ["nickname"] = nickname, ["faceURL"] = faceUrl, ["ex"] = extra });

    /// <summary>In degrees.</summary>
    public static MessageContent Location(double latitude, double longitude, string description = "")
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Math.Abs(latitude), 90);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Math.Abs(longitude), 180);
        return Of(ContentTypes.Location, new() { ["description"] = description, ["longitude"] = longitude, ["latitude"] = latitude });
    }

    /// <summary>A sticker of a set that the application knows.</summary>
    public static MessageContent Face(int index, string data = "") => Of(ContentTypes.Face, new() { ["index"] = index, ["data"] = data });

    /// <summary>The application's own.</summary>
    public static MessageContent Custom(string data, string description = "", string extension = "") =>
        Of(ContentTypes.Custom, new() { ["data"] = Given(data), ["description"] = description, ["extension"] = extension });

    /// <summary>What a message carried, to send it on as it is.</summary>
    public static MessageContent From(Message message) => new(message.ContentType, System.Text.Encoding.UTF8.GetBytes(message.Content), message.Mentions);

    internal static MessageContent Typing(bool isTyping) => Of(ContentTypes.Typing, new() { ["msgTips"] = isTyping ? "yes" : "no" });

    static MessageContent Of(int contentType, JsonObject content) => new(contentType, ContentJson.Write(content));

    static string Given(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text;
    }

    static long Seconds(TimeSpan duration) => (long)Math.Ceiling(duration.TotalSeconds);
}
