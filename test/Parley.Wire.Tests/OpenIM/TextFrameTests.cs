using System.Text;
using Parley.Wire.OpenIM;

namespace Parley.Wire.Tests.OpenIM;

public sealed class TextFrameTests
{
    static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    [Fact]
    public void A_handshake_has_the_protocol_s_bytes()
        => Assert.Equal("""{"errCode":0,"errMsg":"","errDlt":""}""", Encoding.UTF8.GetString(Hex.Written(HandshakeAnswer.Accepted.Write)));

    [Fact]
    public void A_refused_handshake_survives_the_round_trip()
    {
        var refused = new HandshakeAnswer(ErrorCodes.TokenInvalid, "no \"such\" token", "詳細");
        Assert.Equal(refused, HandshakeAnswer.Read(Hex.Written(refused.Write)));
    }

    [Fact]
    public void A_handshake_may_lack_all_but_its_code_and_carry_more()
        => Assert.Equal(
            new HandshakeAnswer(1501, "", ""),
            HandshakeAnswer.Read(Utf8("""{"data":{"a":[]},"errCode":1501,"errMsg":null}""")));

    [Theory]
    [InlineData("{}"), InlineData("""{"errCode":"0"}"""), InlineData("""{"errCode":null}"""), InlineData("""{"type":"pong"}"""), InlineData("ok"), InlineData("")]
    public void Another_object_is_no_handshake(string json)
        => Assert.Throws<MalformedFrameException>(() => HandshakeAnswer.Read(Utf8(json)));

    [Theory]
    [InlineData("""{"type":"ping","body":"op-1"}""", """{"type":"pong","body":"op-1"}""")]
    [InlineData("""{"type":"ping"}""", """{"type":"pong"}""")]
    [InlineData("""{"body":"","more":1,"type":"ping"}""", """{"type":"pong","body":""}""")]
    [InlineData("""{"type":"ping","body":null}""", """{"type":"pong"}""")]
    [InlineData("""{"type":"ping","body":"\"你好\"\\"}""", """{"type":"pong","body":"\"你好\"\\"}""")]
    public void A_ping_is_answered_by_its_own_body(string ping, string pong)
        => Assert.Equal(pong, Encoding.UTF8.GetString(Hex.Written(TextPing.Read(Utf8(ping)).ToPong().Write)));

    [Fact]
    public void A_ping_and_a_pong_survive_the_round_trip()
    {
        foreach (var ping in new TextPing[] { new(false, "op"), new(true, "op"), new(false, null), new(true, null) })
            Assert.Equal(ping, TextPing.Read(Hex.Written(ping.Write)));
    }

    [Theory]
    [InlineData("{}"), InlineData("""{"type":"close"}"""), InlineData("""{"type":"Ping"}"""), InlineData("""{"type":1}""")]
    [InlineData("ping"), InlineData("")]
    [InlineData("""{"type":"ping","body":{}}""")]
    public void Any_other_text_is_malformed(string text) => Assert.Throws<MalformedFrameException>(() => TextPing.Read(Utf8(text)));

    [Fact]
    public void Damaged_text_frames_end_in_a_value_or_in_one_exception()
    {
        const long MaxAllocated = 16 << 10;
        Hostile.SurvivesEveryChangedByte(f => TextPing.Read(f), Utf8("""{"type":"ping","body":"op-1"}"""), MaxAllocated);
        Hostile.SurvivesEveryChangedByte(f => HandshakeAnswer.Read(f), Utf8("""{"errCode":1501,"errMsg":"a","errDlt":""}"""), MaxAllocated);
    }
}
