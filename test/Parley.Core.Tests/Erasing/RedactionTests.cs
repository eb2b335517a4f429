using System.Text;
using Parley.Core.Conversations;
using Parley.Core.Erasing;
using Parley.Core.Messages;
using Parley.Core.Records;
using Parley.Core.Users;
using Parley.Store;
using Parley.Store.Erasing;
using Parley.Store.Feeds;
using Record = Parley.Core.Records.Record;

namespace Parley.Core.Tests.Erasing;

public sealed class RedactionTests
{
    static readonly ConversationKey Conversation = ConversationKey.Peer(new UserNumber(7), new UserNumber(3));

    /// <summary>A body of any length is filled to its last byte, those around the lengths where a length takes one byte more too.</summary>
    [Fact]
    public void An_erased_message_is_as_long_as_it_was_and_says_only_who_and_when()
    {
        for (var length = 1; length < 20_000; length = length is < 200 or > 16_300 and < 16_500 ? length + 1 : length + 97)
        {
            var message = new Message(new UserNumber(7), "c", ContentKind.Text, Filled(length), 1_795_220_240_590, 5)
            {
                Traits = MessageTraits.NotCounted,
                SenderNickname = "secret",
                SenderFaceUrl = "secret",
                Attached = "secret",
                Extra = "secret",
                Origin = "secret"u8.ToArray(),
                Push = new PushText("secret", "secret", "secret", "secret", Badge: true),
            };
            var (body, read) = Redacted(new MessageSent(length % 2 == 0 ? message : new Message(message.Sender, "c", message.Kind, message.Body, 0, 0)));
            var left = Assert.IsType<MessageSent>(read);
            Assert.True(left.IsErased);
            Assert.DoesNotContain("secret", Encoding.UTF8.GetString(body), StringComparison.Ordinal);
            Assert.Equal(("", 0, "", "", 0), (left.Message.ClientId, left.Message.Body.Length, left.Message.SenderNickname, left.Message.Extra, left.Message.Origin.Length));
            Assert.Equal((new UserNumber(7), ContentKind.Text), (left.Message.Sender, left.Message.Kind));
            if (length % 2 == 0) Assert.Equal((1_795_220_240_590, 5, MessageTraits.NotCounted), (left.Message.CreatedAt, left.Message.Platform, left.Message.Traits));
        }
    }

    [Fact]
    public void An_erased_edit_keeps_its_message_where_there_is_room_for_it()
    {
        for (var length = 1; length < 300; length++)
        {
            foreach (var user in (uint[])[0, 3])
            {
                var (_, read) = Redacted(new MessageEdited(Conversation, 5, new UserNumber(user), ContentKind.Text, Filled(length)));
                var left = Assert.IsType<MessageEdited>(read);
                Assert.True(left.IsErased && left.Body.IsEmpty);
                Assert.Equal((Conversation, length >= 4 ? 5 : 0), (left.Conversation, (int)left.Sequence));
            }
        }
    }

    /// <summary>The store writes what it needs into the last four bytes.</summary>
    [Fact]
    public void The_last_four_bytes_mean_nothing()
    {
        foreach (var record in (Record[])[new MessageSent(new Message(new UserNumber(7), "c", ContentKind.Text, "x"u8.ToArray(), 0, 0)), new MessageEdited(Conversation, 5, default, ContentKind.Text, "x"u8.ToArray())])
        {
            var (body, read) = Redacted(record);
            body.AsSpan(body.Length - 4).Fill(0xff);
            Assert.Equal(read.ToString(), Record.Read(record.Type, body)!.ToString());
        }
    }

    static byte[] Filled(int length)
    {
        var bytes = new byte[length];
        bytes.AsSpan().Fill((byte)'s');
        return bytes;
    }

    static (byte[] Body, Record Read) Redacted(Record record)
    {
        var writer = new TaggedWriter();
        record.Write(writer);
        var stored = new LogRecord(9, record.Type, 0, 1, [new Filing(Conversation.Feed, 5)], writer.Written.ToArray());
        Assert.True(Redaction.IsDue(stored, out var due));
        var body = new Redaction().Of(stored, due!).Body.ToArray();
        Assert.Equal(stored.Body.Length, body.Length);
        Assert.True(body.Length >= Replacement.MinBodyBytes && body.AsSpan(body.Length - 4).IndexOfAnyExcept((byte)0) < 0);
        Assert.False(Redaction.IsDue(stored with { Body = body }, out _));
        return (body, Record.Read(record.Type, body)!);
    }
}
