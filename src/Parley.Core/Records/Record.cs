using Parley.Core.Conversations;
using Parley.Core.Messages;
using Parley.Core.Tokens;
using Parley.Core.Users;

namespace Parley.Core.Records;

/// <summary>Numbers of the record types on disk: add, never reuse.</summary>
static class RecordTypes
{
    public const ushort UserRegistered = 1;
    public const ushort TokenIssued = 2;
    public const ushort TokensRevoked = 3;
    public const ushort MessageSent = 4;
    public const ushort MarksMoved = 5;
}

/// <summary>What became true. Its encoding is described in <c>FORMAT.md</c>.</summary>
abstract record Record(ushort Type)
{
    public abstract void Write(TaggedWriter writer);

    /// <summary>Null for a type this version does not know: it is kept in the log and changes nothing here.</summary>
    public static Record? Read(ushort type, ReadOnlyMemory<byte> body) => type switch
    {
        RecordTypes.UserRegistered => UserRegistered.Read(new TaggedReader(body)),
        RecordTypes.TokenIssued => TokenIssued.Read(new TaggedReader(body)),
        RecordTypes.TokensRevoked => TokensRevoked.Read(new TaggedReader(body)),
        RecordTypes.MessageSent => MessageSent.Read(new TaggedReader(body)),
        RecordTypes.MarksMoved => MarksMoved.Read(new TaggedReader(body)),
        _ => null,
    };
}

sealed record UserRegistered(UserNumber Number, string Id, string Nickname, string FaceUrl, string Extra, string? PasswordHash)
    : Record(RecordTypes.UserRegistered)
{
    public override void Write(TaggedWriter writer)
    {
        writer.Number(1, Number.Value);
        writer.Text(2, Id);
        writer.Text(3, Nickname);
        writer.Text(4, FaceUrl);
        writer.Text(5, Extra);
        writer.Text(6, PasswordHash ?? "");
    }

    public static UserRegistered Read(TaggedReader reader)
    {
        var user = new UserRegistered(default, "", "", "", "", null);
        while (reader.TryRead(out var tag))
            user = tag switch
            {
                1 => user with { Number = new UserNumber((uint)reader.Number) },
                2 => user with { Id = reader.Text },
                3 => user with { Nickname = reader.Text },
                4 => user with { FaceUrl = reader.Text },
                5 => user with { Extra = reader.Text },
                6 => user with { PasswordHash = reader.Text },
                _ => user,
            };
        return user;
    }
}

sealed record TokenIssued(TokenKey Key, UserNumber User, int Platform, long ExpiresAt) : Record(RecordTypes.TokenIssued)
{
    public override void Write(TaggedWriter writer)
    {
        writer.Key(1, Key.Value);
        writer.Number(2, User.Value);
        writer.Number(3, Platform);
        writer.Number(4, ExpiresAt);
    }

    public static TokenIssued Read(TaggedReader reader)
    {
        var token = new TokenIssued(default, default, 0, 0);
        while (reader.TryRead(out var tag))
            token = tag switch
            {
                1 => token with { Key = new TokenKey(reader.Key) },
                2 => token with { User = new UserNumber((uint)reader.Number) },
                3 => token with { Platform = (int)reader.Number },
                4 => token with { ExpiresAt = reader.Number },
                _ => token,
            };
        return token;
    }
}

/// <param name="Forgotten">False: the tokens are remembered as kicked until they expire. True: they are gone.</param>
sealed record TokensRevoked(IReadOnlyList<TokenKey> Keys, bool Forgotten) : Record(RecordTypes.TokensRevoked)
{
    public override void Write(TaggedWriter writer)
    {
        foreach (var key in Keys) writer.Key(1, key.Value);
        writer.Number(2, Forgotten ? 1 : 0);
    }

    public static TokensRevoked Read(TaggedReader reader)
    {
        var keys = new List<TokenKey>();
        var forgotten = false;
        while (reader.TryRead(out var tag))
        {
            if (tag == 1) keys.Add(new TokenKey(reader.Key));
            else if (tag == 2) forgotten = reader.Number != 0;
        }

        return new TokensRevoked(keys, forgotten);
    }
}

/// <summary>All marks that one batch moved; per user, conversation and kind the largest.</summary>
sealed record MarksMoved(IReadOnlyList<MovedMark> Marks) : Record(RecordTypes.MarksMoved)
{
    public override void Write(TaggedWriter writer)
    {
        // The conversation comes last and closes an entry; what did not change since the entry before is left out by TaggedWriter only when zero.
        foreach (var mark in Marks)
        {
            writer.Number(1, mark.User.Value);
            writer.Number(2, (long)mark.Kind);
            writer.Number(3, mark.Sequence);
            writer.Number(4, (long)mark.Conversation.Feed.Value);
        }
    }

    public static MarksMoved Read(TaggedReader reader)
    {
        var marks = new List<MovedMark>();
        var mark = default(MovedMark);
        while (reader.TryRead(out var tag))
        {
            if (tag == 1) mark = mark with { User = new UserNumber((uint)reader.Number) };
            else if (tag == 2) mark = mark with { Kind = (MarkKind)reader.Number };
            else if (tag == 3) mark = mark with { Sequence = reader.Number };
            else if (tag == 4) marks.Add(mark with { Conversation = new ConversationKey(new((ulong)reader.Number)) });
        }

        return new MarksMoved(marks);
    }
}

readonly record struct MovedMark(UserNumber User, ConversationKey Conversation, MarkKind Kind, long Sequence);

/// <summary>A message in its conversation. The conversation is the record's first feed; the sequence there is the message's.</summary>
sealed record MessageSent(Message Message) : Record(RecordTypes.MessageSent)
{
    public override void Write(TaggedWriter writer)
    {
        var message = Message;
        writer.Number(1, message.Sender.Value);
        writer.Text(2, message.ClientId);
        writer.Number(3, (long)message.Kind);
        writer.Bytes(4, message.Body.Span);
        writer.Number(5, message.CreatedAt);
        writer.Number(6, message.Platform);
        writer.Number(7, (long)message.Traits);
        writer.Text(8, message.SenderNickname);
        writer.Text(9, message.SenderFaceUrl);
        foreach (var mention in message.Mentions) writer.Text(10, mention);
        writer.Text(11, message.Attached);
        writer.Text(12, message.Extra);
        writer.Bytes(13, message.Origin.Span);
        if (message.Push is not { } push) return;
        writer.Number(14, 1 + (push.Badge ? 1 : 0));
        writer.Text(15, push.Title);
        writer.Text(16, push.Text);
        writer.Text(17, push.Extra);
        writer.Text(18, push.Sound);
    }

    public static MessageSent Read(TaggedReader reader)
    {
        UserNumber sender = default;
        var (clientId, nickname, faceUrl, attached, extra) = ("", "", "", "", "");
        ReadOnlyMemory<byte> body = default, origin = default;
        var (kind, traits, created, platform) = (ContentKind.None, MessageTraits.None, 0L, 0);
        List<string>? mentions = null;
        PushText? push = null;
        while (reader.TryRead(out var tag))
            switch (tag)
            {
                case 1: sender = new UserNumber((uint)reader.Number); break;
                case 2: clientId = reader.Text; break;
                case 3: kind = (ContentKind)reader.Number; break;
                case 4: body = reader.Bytes; break;
                case 5: created = reader.Number; break;
                case 6: platform = (int)reader.Number; break;
                case 7: traits = (MessageTraits)reader.Number; break;
                case 8: nickname = reader.Text; break;
                case 9: faceUrl = reader.Text; break;
                case 10: (mentions ??= []).Add(reader.Text); break;
                case 11: attached = reader.Text; break;
                case 12: extra = reader.Text; break;
                case 13: origin = reader.Bytes; break;
                case 14: push = new PushText("", "", "", "", reader.Number == 2); break;
                case 15: push = push! with { Title = reader.Text }; break;
                case 16: push = push! with { Text = reader.Text }; break;
                case 17: push = push! with { Extra = reader.Text }; break;
                case 18: push = push! with { Sound = reader.Text }; break;
            }

        return new MessageSent(new Message(sender, clientId, kind, body, created, platform)
        {
            Traits = traits,
            SenderNickname = nickname,
            SenderFaceUrl = faceUrl,
            Mentions = mentions is null ? [] : mentions,
            Attached = attached,
            Extra = extra,
            Origin = origin,
            Push = push,
        });
    }
}
