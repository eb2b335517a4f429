using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Core.Users;

namespace Parley.Core.Messages;

/// <summary>What a message of kind <see cref="ContentKind.Event"/> holds: that something happened, said in the conversation where it did.</summary>
/// <param name="Event">A name of <see cref="Notices.GroupEvent"/>, or <c>FriendsMade</c>, or <c>PrivateChanged</c>.</param>
/// <param name="By">Who did it; null for the administration.</param>
/// <param name="Members">Whom it concerns; the first <see cref="EventMessages.MaxMembers"/> of them.</param>
/// <param name="MemberCount">How many there are.</param>
/// <param name="Seconds">Of a mute.</param>
/// <param name="Text">The new name or announcement, or what was said with it.</param>
public sealed record EventBody(string Event, EventUser? By, IReadOnlyList<EventUser> Members, int MemberCount, long Seconds = 0, string Text = "", bool IsOn = false);

public sealed record EventUser(string Id, string Nickname);

/// <summary>Makes the messages by which a conversation shows that something happened, and reads what they hold.</summary>
public static class EventMessages
{
    public const int MaxMembers = 50;

    static readonly JsonSerializerOptions Json = new(EventJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Null when the body is not what this version writes.</summary>
    public static EventBody? Read(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize<EventBody>(body, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <param name="now">The time the command's first record gets, µs: it makes the message's id.</param>
    /// <param name="ordinal">Tells the event messages of one command apart.</param>
    internal static Message Write(AppState app, UserNumber by, string @event, IReadOnlyCollection<UserNumber> members, long now, int ordinal = 0, long seconds = 0, string text = "", bool isOn = false)
    {
        var (nickname, faceUrl) = ("", "");
        if (by != UserNumber.Administration) (nickname, faceUrl) = (app.Users.Row(by).Nickname, app.Users.Row(by).FaceUrl);
        var body = new EventBody(@event, by == UserNumber.Administration ? null : User(app, by), [.. members.Take(MaxMembers).Select(member => User(app, member))],
            members.Count, seconds, text, isOn);
        var id = now.ToString("x16", CultureInfo.InvariantCulture) + ordinal.ToString("x16", CultureInfo.InvariantCulture);
        return new Message(by, id, ContentKind.Event, JsonSerializer.SerializeToUtf8Bytes(body, Json), now / 1_000, Sessions.Platforms.Administration)
        {
            Traits = MessageTraits.NotCounted | MessageTraits.NoPush | MessageTraits.System,
            SenderNickname = nickname,
            SenderFaceUrl = faceUrl,
        };
    }

    /// <summary>Leaves a user out of a body, and what was said to nobody but them; it is shorter for that. Null when they are not in it.</summary>
    internal static byte[]? WithoutNaming(ReadOnlySpan<byte> body, string userId)
    {
        if (Read(body) is not { } said || (said.By?.Id != userId && said.Members.All(member => member.Id != userId))) return null;
        var left = said with { By = said.By?.Id == userId ? null : said.By, Members = [.. said.Members.Where(member => member.Id != userId)] };
        if (said.Members is [var only] && only.Id == userId) left = left with { Text = "" };
        return JsonSerializer.SerializeToUtf8Bytes(left, Json);
    }

    static EventUser User(AppState app, UserNumber user) => new(app.Users.IdOf(user), app.Users.Row(user).Nickname);
}

[JsonSerializable(typeof(EventBody))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
sealed partial class EventJson : JsonSerializerContext;
