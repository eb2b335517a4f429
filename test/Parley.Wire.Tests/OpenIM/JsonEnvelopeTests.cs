using System.Text;
using Parley.Wire.OpenIM;

namespace Parley.Wire.Tests.OpenIM;

public sealed class JsonEnvelopeTests
{
    static RequestEnvelope Request(string json) => JsonEnvelope.ReadRequest(Encoding.UTF8.GetBytes(json));

    static ResponseEnvelope Response(string json) => JsonEnvelope.ReadResponse(Encoding.UTF8.GetBytes(json));

    [Fact]
    public void A_request_of_the_JavaScript_SDK_is_read()
        => Envelopes.AssertSame(
            new RequestEnvelope(1006, "", "alice", "op", "alice_1", new byte[] { 8, 1 }),
            Request("""{"reqIdentifier":1006,"msgIncr":"alice_1","sendID":"alice","operationID":"op","data":"CAE="}"""));

    [Fact]
    public void Every_key_is_written_in_the_protocol_s_order()
    {
        Assert.Equal(
            """{"reqIdentifier":1003,"token":"token","sendID":"alice","operationID":"op-1","msgIncr":"alice_1700000000","data":"CAEA/w=="}""",
            Encoding.UTF8.GetString(Hex.Written(o => JsonEnvelope.Write(o, Envelopes.Request))));
        Assert.Equal(
            """{"reqIdentifier":1003,"errCode":1402,"errMsg":"muted","msgIncr":"alice_1","operationID":"op-1","data":"CAEA"}""",
            Encoding.UTF8.GetString(Hex.Written(o => JsonEnvelope.Write(o, Envelopes.Response))));
        Assert.Equal(
            """{"reqIdentifier":0,"errCode":0,"errMsg":"","msgIncr":"","operationID":"","data":""}""",
            Encoding.UTF8.GetString(Hex.Written(o => JsonEnvelope.Write(o, default(ResponseEnvelope)))));
    }

    [Fact]
    public void Text_is_escaped_only_where_JSON_demands_it()
    {
        var response = Envelopes.Response with { ErrMsg = "你好 <a+b>&'\"\\\n", Data = new byte[] { 0xfb, 0xff } };
        string json = Encoding.UTF8.GetString(Hex.Written(o => JsonEnvelope.Write(o, response)));
        Assert.Contains("\"errMsg\":\"你好 <a+b>&'\\\"\\\\\\n\"", json, StringComparison.Ordinal);
        Assert.Contains("\"data\":\"+/8=\"", json, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_replaced_not_thrown()
    {
        var frame = Hex.Written(o => JsonEnvelope.Write(o, Envelopes.Request with { SendId = "a\ud800" }));
        Assert.Equal("a\ufffd", JsonEnvelope.ReadRequest(frame).SendId);
    }

    [Fact]
    public void Absent_and_null_keys_are_empty()
    {
        var empty = new RequestEnvelope(0, "", "", "", "", default);
        Envelopes.AssertSame(empty, Request("{}"));
        Envelopes.AssertSame(
            empty,
            Request("""{"reqIdentifier":null,"token":null,"sendID":null,"operationID":null,"msgIncr":null,"data":null}"""));
        Envelopes.AssertSame(new ResponseEnvelope(0, 0, "", "", "", default), Response("""{"errCode":null,"errMsg":null,"data":""}"""));
    }

    [Fact]
    public void Unknown_keys_are_ignored_and_cases_differ()
        => Assert.Equal(7, Request(""" {"x":[1,{"reqIdentifier":5}],"ReqIdentifier":6,"reqIdentifier":7,"y":{"z":[]}} """).ReqIdentifier);

    [Fact]
    public void Escaped_keys_and_values_are_read()
        => Assert.Equal("é\n", Request("""{"send\u0049D":"\u00e9\n"}""").SendId);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("{")]
    [InlineData("{}{}")]
    [InlineData("{},")]
    [InlineData("{}x")]
    [InlineData("""{"reqIdentifier":1,}""")]
    [InlineData("""{"reqIdentifier":"1"}""")]
    [InlineData("""{"reqIdentifier":1.5}""")]
    [InlineData("""{"reqIdentifier":2147483648}""")]
    [InlineData("""{"reqIdentifier":{}}""")]
    [InlineData("""{"sendID":1}""")]
    [InlineData("""{"sendID":["a"]}""")]
    [InlineData("""{"sendID":"\ud800"}""")]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("""{"data":"CAE"}""")]
    [InlineData("""{"data":"C-_="}""")]
    [InlineData("""{"data":"\ud800"}""")]
    [InlineData("""{"data":[8,1]}""")]
    [InlineData("""{/* a comment */}""")]
    public void Anything_else_is_malformed(string json)
        => Assert.Throws<MalformedFrameException>(() => Request(json));

    [Fact]
    public void Bytes_that_are_not_UTF8_are_malformed()
    {
        byte[] frame = [.. """{"sendID":" """u8[..^1], 0xc3, 0x28, .. "\"}"u8];
        Assert.Throws<MalformedFrameException>(() => JsonEnvelope.ReadRequest(frame));
    }

    [Fact]
    public void Depth_is_bounded()
        => Assert.Throws<MalformedFrameException>(() => Request("{\"x\":" + new string('[', 100_000)));

    [Fact]
    public void Any_envelope_survives_the_round_trip()
    {
        foreach (var (request, response) in Envelopes.Random(200, seed: 2))
        {
            Envelopes.AssertSame(request, JsonEnvelope.ReadRequest(Hex.Written(o => JsonEnvelope.Write(o, request))));
            Envelopes.AssertSame(response, JsonEnvelope.ReadResponse(Hex.Written(o => JsonEnvelope.Write(o, response))));
        }
    }
}
