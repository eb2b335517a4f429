using Parley.Wire.OpenIM;

namespace Parley.Wire.Tests.OpenIM;

/// <summary>Streams other Go programs could send: other definitions, orders, ids and types.</summary>
public sealed class GobStreamTests
{
    const int Bool = 1, Int = 2, Uint = 3, Float = 4, Bytes = 5, Text = 6;

    static byte[] Number(long value)
    {
        ulong folded = value < 0 ? ((ulong)~value << 1) | 1 : (ulong)value << 1;
        return Unsigned(folded);
    }

    static byte[] Unsigned(ulong value)
    {
        if (value < 128) return [(byte)value];
        var bytes = BitConverter.GetBytes(value).Reverse().SkipWhile(b => b == 0).ToArray();
        return [(byte)(256 - bytes.Length), .. bytes];
    }

    static byte[] Name(string name) => [.. Unsigned((ulong)name.Length), .. Hex.Bytes($"\"{name}\"")];

    static byte[] Message(params byte[] content) => [.. Unsigned((ulong)content.Length), .. content];

    static byte[] Define(int id, string name, params (string Name, int Type)[] fields)
    {
        List<byte> content = [.. Number(-id), 3, 1, 1, .. Name(name), 1, .. Number(id), 0, 1, .. Unsigned((ulong)fields.Length)];
        foreach (var field in fields) content.AddRange([1, .. Name(field.Name), 1, .. Number(field.Type), 0]);
        return Message([.. content, 0, 0]);
    }

    static byte[] Value(int id, params byte[] members) => Message([.. Number(id), .. members, 0]);

    static RequestEnvelope Read(params byte[][] messages) => GobEnvelope.ReadRequest(messages.SelectMany(m => m).ToArray());

    static void Refuses(params byte[][] messages) => Assert.Throws<MalformedFrameException>(() => Read(messages));

    [Fact]
    public void Members_are_matched_by_name_whatever_their_order_and_the_struct_s_name_and_id()
    {
        var request = Read(
            Define(1000, "Whatever", ("Data", Bytes), ("MsgIncr", Text), ("ReqIdentifier", Int)),
            Value(1000, [1, 2, 7, 8, 1, .. Name("m"), 1, .. Number(1003)]));
        Envelopes.AssertSame(new RequestEnvelope(1003, "", "", "", "m", new byte[] { 7, 8 }), request);
    }

    [Fact]
    public void Unknown_members_are_skipped()
    {
        var request = Read(
            Define(65, "Req", ("A", Bool), ("B", Int), ("C", Uint), ("D", Bytes), ("E", Text), ("SendID", Text), ("F", Float)),
            Value(65, [1, 1, 1, .. Number(-70_000), 1, .. Unsigned(ulong.MaxValue), 1, 2, 0, 0, 1, .. Name("e"), 1, .. Name("bob")]));
        Assert.Equal("bob", request.SendId);
    }

    [Fact]
    public void Names_must_match_exactly()
    {
        var request = Read(
            Define(65, "Req", ("sendID", Text), ("SendId", Text), ("SendID ", Text)),
            Value(65, [1, .. Name("a"), 1, .. Name("b"), 1, .. Name("c")]));
        Assert.Equal("", request.SendId);
    }

    [Fact]
    public void Definitions_of_other_types_are_passed_over_unread()
    {
        byte[] map = Message([.. Number(-66), 4, 1, 2, 0xff, 0, 9, 9, 9]);
        var request = Read(Define(65, "Other", ("SendID", Int)), map, Define(67, "Req", ("SendID", Text)), Value(67, [1, .. Name("bob")]));
        Assert.Equal("bob", request.SendId);
    }

    [Fact]
    public void An_int_may_be_declared_unsigned()
        => Assert.Equal(1003, Read(Define(65, "Req", ("ReqIdentifier", Uint)), Value(65, [1, .. Unsigned(1003)])).ReqIdentifier);

    [Fact]
    public void A_number_in_a_longer_form_than_needed_is_read()
        => Assert.Equal(1, Read(Define(65, "Req", ("ReqIdentifier", Int)), Value(65, [1, 0xf8, 0, 0, 0, 0, 0, 0, 0, 2])).ReqIdentifier);

    [Fact]
    public void A_number_of_more_than_64_bits_is_refused()
        => Refuses(Define(65, "Req", ("ReqIdentifier", Int)), Value(65, [1, 0xf7, 0, 0, 0, 0, 0, 0, 0, 0, 2]));

    [Theory]
    [InlineData(int.MaxValue + 1L), InlineData(int.MinValue - 1L), InlineData(long.MaxValue), InlineData(long.MinValue)]
    public void An_identifier_of_more_than_32_bits_is_refused(long identifier)
        => Refuses(Define(65, "Req", ("ReqIdentifier", Int)), Value(65, [1, .. Number(identifier)]));

    [Fact]
    public void An_unsigned_identifier_of_more_than_31_bits_is_refused()
        => Refuses(Define(65, "Req", ("ReqIdentifier", Uint)), Value(65, [1, .. Unsigned(1UL << 31)]));

    [Theory]
    [InlineData("ReqIdentifier", Text), InlineData("SendID", Int), InlineData("SendID", Bytes), InlineData("Data", Text)]
    [InlineData("Data", 70)]
    public void A_known_member_of_another_type_is_refused(string name, int type)
        => Refuses(Define(65, "Req", (name, type)), Value(65));

    [Fact]
    public void A_value_of_a_type_that_cannot_be_skipped_is_refused()
        => Refuses(Define(65, "Req", ("Score", Float), ("SendID", Text)), Value(65, [1, .. Unsigned(1), 1, .. Name("bob")]));

    [Fact]
    public void A_value_of_an_undefined_type_is_refused() => Refuses(Define(65, "Req", ("SendID", Text)), Value(66, [1, .. Name("bob")]));

    [Fact]
    public void A_value_of_a_type_that_is_no_struct_is_refused() => Refuses(Message([.. Number(-65), 2, 1, 0, 0]), Value(65));

    [Fact]
    public void A_frame_of_definitions_alone_is_refused() => Refuses(Define(65, "Req", ("SendID", Text)));

    [Fact]
    public void Nothing_may_follow_the_value()
    {
        var definition = Define(65, "Req", ("SendID", Text));
        var value = Value(65, [1, .. Name("bob")]);
        Refuses(definition, value, [0]);
        Refuses(definition, value, value);
        Refuses(definition, Message([.. Number(65), 0, 0]));
    }

    [Theory]
    [InlineData(2), InlineData(127), InlineData(ulong.MaxValue)]
    public void A_step_beyond_the_last_member_is_refused(ulong step)
        => Refuses(Define(65, "Req", ("Data", Bytes)), Value(65, [.. Unsigned(step), 0]));

    [Theory]
    [InlineData(2), InlineData(1UL << 31), InlineData(1UL << 63), InlineData(ulong.MaxValue)]
    public void A_length_beyond_the_frame_is_refused(ulong length)
        => Refuses(Define(65, "Req", ("Data", Bytes)), Value(65, [1, .. Unsigned(length)]));

    [Fact]
    public void Text_that_is_not_Unicode_is_refused() => Refuses(Define(65, "Req", ("SendID", Text)), Value(65, [1, 2, 0xc3, 0x28]));

    [Fact]
    public void Members_and_definitions_are_bounded()
    {
        var many = Enumerable.Range(0, 33).Select(i => ($"F{i}", Text)).ToArray();
        Assert.Equal(0, Read(Define(65, "Req", many[..32]), Value(65)).ReqIdentifier);
        Refuses(Define(65, "Req", many), Value(65));

        var definitions = Enumerable.Range(65, 9).Select(id => Define(id, "Req", ("SendID", Text))).ToArray();
        Assert.Equal("", Read([.. definitions[..8], Value(72)]).SendId);
        Refuses([.. definitions, Value(73)]);
    }
}
