using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Messages;
using Parley.Core.Records;
using Parley.Core.Tokens;
using Parley.Core.Users;
using Record = Parley.Core.Records.Record;

namespace Parley.Core.Tests;

public sealed class RecordTests
{
    static readonly ConversationKey Group = ConversationKey.Of(new GroupNumber(12));
    static readonly ConversationKey Conversation = ConversationKey.Peer(new UserNumber(7), new UserNumber(3));

    public static TheoryData<int> Examples => [.. Enumerable.Range(0, 18)];

    static Record Example(int index) => index switch
    {
        0 => new UserRegistered(new UserNumber(1), "alice", "Alice", "http://a/f.png", "{}", "hash"),
        1 => new UserRegistered(new UserNumber(uint.MaxValue >> 1), "é", "", "", "", null),
        2 => new TokenIssued(new TokenKey(UInt128.MaxValue - 5), new UserNumber(9), 7, long.MaxValue) { Apps = [0, -1, long.MaxValue] },
        3 => new TokensRevoked([new TokenKey(1), new TokenKey(UInt128.MaxValue)], Forgotten: true),
        4 => new MarksMoved([new MovedMark(new UserNumber(7), Conversation, MarkKind.Read, 5), new MovedMark(new UserNumber(3), Conversation, MarkKind.Minimum, long.MaxValue)]),
        5 => new MessageSent(new Message(new UserNumber(7), "0123456789abcdef0123456789abcdef", ContentKind.Text, "hello"u8.ToArray(), 1_795_220_240_590, 5)),
        6 => new MarksMoved([new MovedMark(new UserNumber(7), Conversation, MarkKind.Read, 5, From: 2)]),
        7 => new ConversationChanged(new UserNumber(3), Conversation, new ConversationSettings
        {
            Receive = ReceiveOption.Silent,
            IsPinned = true,
            IsPrivate = true,
            BurnSeconds = 30,
            MentionsSeen = 2,
            Attached = "a",
            Extra = "e",
            DestructSeconds = 9,
            IsDestructing = true,
        }),
        8 => new MessageRecalled(Group, 9, new UserNumber(3), GroupRole.Owner, new UserNumber(7), "id", "nick", 1_795_220_240_590_000),
        9 => new MessageEdited(Conversation, 1, new UserNumber(3), ContentKind.Markdown, "{\"content\":\"x\"}"u8.ToArray()),
        10 => new MessagesRemoved(Conversation, new UserNumber(3), [1, 2, long.MaxValue], IsForAll: true),
        11 => new MessagesRemoved(Group, new UserNumber(3), [5], IsForAll: false),
        12 => new Reacted(Conversation, 4, new UserNumber(3), "👍", IsRemoved: true),
        13 => new MessagePinned(Group, 4, default, IsPinned: true),
        14 => new MessageSaved("c1", new RawContent(-4, 7, "hi"u8.ToArray()).ToBody(), ulong.MaxValue - 3),
        15 => new MessagesErased(Conversation, default, [1, 2, 3, 7, 9, 10, long.MaxValue - 1]),
        16 => new ConversationCut(Group, new UserNumber(3), 4, long.MaxValue - 1, 9, 1_795_220_240_590_000, IsTold: true),
        _ => new MessageSent(new Message(new UserNumber(1), "x", ContentKind.Custom, "{\"data\":\"ü\"}"u8.ToArray(), -1, 11)
        {
            Traits = MessageTraits.NotCounted | MessageTraits.Private,
            SenderNickname = "N",
            SenderFaceUrl = "F",
            Mentions = ["a", "b"],
            Attached = "null",
            Extra = "e",
            Origin = new byte[] { 1, 2, 3 },
            Push = new PushText("t", "", "e", "+1", Badge: true),
        }),
    };

    static byte[] Encode(Record record)
    {
        var writer = new TaggedWriter();
        record.Write(writer);
        return writer.Written.ToArray();
    }

    [Theory, MemberData(nameof(Examples))]
    public void A_record_reads_as_it_was_written(int index)
    {
        var bytes = Encode(Example(index));
        var read = Record.Read(Example(index).Type, bytes);
        Assert.Equal(bytes, Encode(read!));
        Assert.Equal(Example(index).Type, read!.Type);
        if (read is MessagesErased erased) Assert.Equal(((MessagesErased)Example(index)).Sequences, erased.Sequences);
        if (read is MessageSent sent) Assert.Equal(((MessageSent)Example(index)).Message.Body.ToArray(), sent.Message.Body.ToArray());
        else if (read is UserRegistered or ConversationChanged or MessageRecalled or Reacted or MessagePinned or ConversationCut) Assert.Equal(Example(index), read);
    }

    [Theory, MemberData(nameof(Examples))]
    public void Tags_of_a_newer_server_are_stepped_over(int index)
    {
        var writer = new TaggedWriter();
        writer.Number(900, 5);
        writer.Bytes(901, "later"u8);
        Example(index).Write(writer);
        writer.Text(902, "later");
        Assert.Equal(Encode(Example(index)), Encode(Record.Read(Example(index).Type, writer.Written.ToArray())!));
    }

    [Theory, MemberData(nameof(Examples))]
    public void A_cut_body_is_read_or_refused_and_nothing_else(int index)
    {
        var bytes = Encode(Example(index));
        for (var length = 0; length < bytes.Length; length++)
        {
            try
            {
                Record.Read(Example(index).Type, bytes.AsMemory(0, length));
            }
            catch (InvalidDataException)
            {
                // The clear refusal that a cut inside a field deserves.
            }
        }
    }

    [Fact]
    public void A_type_of_a_newer_server_has_no_effect() => Assert.Null(Record.Read(60_000, new byte[] { 1, 2, 3 }));

    /// <summary>Formats stay: these bytes are in people's logs.</summary>
    [Fact]
    public void The_bytes_are_those_of_the_first_release()
    {
        Assert.Equal("02010505616c69636507044e616d65", Hex(new UserRegistered(new UserNumber(1), "alice", "Name", "", "", null)));
        Assert.Equal("0207050263310601090268690a050c05", Hex(new MessageSent(new Message(new UserNumber(7), "c1", ContentKind.Text, "hi"u8.ToArray(), 5, 5))));
        Assert.Equal("0302633105" + "0efcffffff0700000000000000" + "6869" + "0605", Hex(new MessageSaved("c1", new RawContent(-4, 7, "hi"u8.ToArray()).ToBody(), 5)));
        Assert.Equal("02838080808880808040" + "0601" + "0805" + "0609", Hex(new MessagesErased(ConversationKey.Peer(new UserNumber(1), new UserNumber(3)), default, [1, 2, 3, 4, 5, 9])));
        Assert.Equal("02838080808880808040" + "0601" + "0805", Hex(new ConversationCut(ConversationKey.Peer(new UserNumber(1), new UserNumber(3)), default, 1, 5, 0, 0, IsTold: false)));
        Assert.Equal("0310010000000000000000000000000000000401", Hex(new TokensRevoked([new TokenKey(1)], Forgotten: true)));
        Assert.Equal("02030401060508838080808880808040", Hex(new MarksMoved([new MovedMark(new UserNumber(3), ConversationKey.Peer(new UserNumber(1), new UserNumber(3)), MarkKind.Read, 5)])));
    }

    static string Hex(Record record) => Convert.ToHexStringLower(Encode(record));
}
