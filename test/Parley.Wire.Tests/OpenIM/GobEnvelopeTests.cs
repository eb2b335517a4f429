using System.Buffers;
using Parley.Wire.OpenIM;

namespace Parley.Wire.Tests.OpenIM;

public sealed class GobEnvelopeTests
{
    const string ResponseDefinition = """
        5f 7f 03 01 01 04 52657370 01 ff80 00 01 06
           01 0d 5265714964656e746966696572 01 04 00
           01 07 457272436f6465 01 04 00
           01 06 4572724d7367 01 0c 00
           01 07 4d7367496e6372 01 0c 00
           01 0b 4f7065726174696f6e4944 01 0c 00
           01 04 44617461 01 0a 00
        00 00
        """;

    const string RequestDefinition = """
        65 7f 03 01 01 0c 47656e6572616c5773526571 01 ff80 00 01 06
           01 0d 5265714964656e746966696572 01 04 00
           01 05 546f6b656e 01 0c 00
           01 06 53656e644944 01 0c 00
           01 0b 4f7065726174696f6e4944 01 0c 00
           01 07 4d7367496e6372 01 0c 00
           01 04 44617461 01 0a 00
        00 00
        """;

    public static TheoryData<string, string> ResponseVectors => new()
    {
        { "answer", "15 ff80 01 fe07d2 03 04 75315f31 01 02 6f70 01 02 0801 00" },
        { "kick", "07 ff80 01 fe0fa4 00" },
        { "nothing", "03 ff80 00" },
        { "refusal", "0f ff80 01 fe07d6 01 fe0bba 01 02 6e6f 00" },
        { "negative", "0b ff80 01 01 01 fc ffffffff 00" },
    };

    static ResponseEnvelope ResponseOf(string name) => name switch
    {
        "answer" => new(1001, 0, "", "u1_1", "op", new byte[] { 8, 1 }),
        "kick" => new(2002, 0, "", "", "", default),
        "nothing" => new(0, 0, "", "", "", default),
        "refusal" => new(1003, 1501, "no", "", "", default),
        "negative" => new(-1, int.MinValue, "", "", "", default),
        _ => throw new ArgumentException(name),
    };

    [Theory, MemberData(nameof(ResponseVectors))]
    public void Answers_have_the_bytes_the_real_client_accepts(string name, string value)
        => Assert.Equal(Hex.Bytes(ResponseDefinition + value), Hex.Written(o => GobEnvelope.Write(o, ResponseOf(name))));

    [Theory, MemberData(nameof(ResponseVectors))]
    public void Answers_are_read_back_from_these_bytes(string name, string value)
        => Envelopes.AssertSame(ResponseOf(name), GobEnvelope.ReadResponse(Hex.Bytes(ResponseDefinition + value)));

    // The recorded first frame of a client, its elided texts filled up to the recorded lengths.
    const string User = "acc_a_12345678", Trace = "0f0e0d0c-0b0a-0908-0706-050403020100", Increment = "acc_a_12345678_1700000000000000000";
    static readonly RequestEnvelope Recorded = new(1001, "", User, Trace, Increment, Hex.Bytes($"0a 0e \"{User}\""));
    static readonly byte[] RecordedBytes = Hex.Bytes(
        $"{RequestDefinition} 73 ff80 01 fe07d2 02 0e \"{User}\" 01 24 \"{Trace}\" 01 22 \"{Increment}\" 01 10 0a0e \"{User}\" 00");

    [Fact]
    public void A_recorded_request_is_read() => Envelopes.AssertSame(Recorded, GobEnvelope.ReadRequest(RecordedBytes));

    [Fact]
    public void A_request_is_written_as_the_real_client_does()
        => Assert.Equal(RecordedBytes, Hex.Written(o => GobEnvelope.Write(o, Recorded)));

    [Fact]
    public void Data_borrow_from_the_frame()
    {
        var frame = (byte[])RecordedBytes.Clone();
        var data = GobEnvelope.ReadRequest(frame).Data;
        frame[^2] = (byte)'!';
        Assert.Equal((byte)'!', data.Span[^1]);
    }

    [Fact]
    public void Any_envelope_survives_the_round_trip()
    {
        foreach (var (request, response) in Envelopes.Random(200, seed: 1))
        {
            Envelopes.AssertSame(request, GobEnvelope.ReadRequest(Hex.Written(o => GobEnvelope.Write(o, request))));
            Envelopes.AssertSame(response, GobEnvelope.ReadResponse(Hex.Written(o => GobEnvelope.Write(o, response))));
        }
    }

    [Fact]
    public void An_envelope_nobody_filled_is_written_as_empty()
    {
        var frame = Hex.Written(o => GobEnvelope.Write(o, default(ResponseEnvelope)));
        Envelopes.AssertSame(ResponseOf("nothing"), GobEnvelope.ReadResponse(frame));
    }

    [Fact]
    public void Half_a_surrogate_pair_is_replaced_not_thrown()
    {
        var frame = Hex.Written(o => GobEnvelope.Write(o, Envelopes.Request with { SendId = "a\ud800" }));
        Assert.Equal("a\ufffd", GobEnvelope.ReadRequest(frame).SendId);
    }

    [Fact]
    public void Writing_and_reading_allocate_nothing_but_the_texts()
    {
        var output = new ArrayBufferWriter<byte>(4096);
        var response = Envelopes.Response with { ErrMsg = "", MsgIncr = "", OperationId = "" };
        long Measure()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            output.ResetWrittenCount();
            GobEnvelope.Write(output, response);
            GobEnvelope.ReadResponse(output.WrittenMemory);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Measure();
        Assert.Equal(0, Measure());
    }
}
