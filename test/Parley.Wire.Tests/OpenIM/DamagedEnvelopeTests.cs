using Parley.Wire.OpenIM;

namespace Parley.Wire.Tests.OpenIM;

/// <summary>Frames of a few hundred bytes, cut and damaged: a value or the one exception, and never more than this much memory.</summary>
public sealed class DamagedEnvelopeTests
{
    // An exception with its message and stack trace takes a few KiB; what is being ruled out is a length taken at its word.
    const long MaxAllocated = 16 << 10;

    public static TheoryData<string> Kinds => ["gob request", "gob response", "json request", "json response"];

    static (byte[] Frame, Action<ReadOnlyMemory<byte>> Read) Of(string kind) => kind switch
    {
        "gob request" => (Hex.Written(o => GobEnvelope.Write(o, Envelopes.Request)), f => GobEnvelope.ReadRequest(f)),
        "gob response" => (Hex.Written(o => GobEnvelope.Write(o, Envelopes.Response)), f => GobEnvelope.ReadResponse(f)),
        "json request" => (Hex.Written(o => JsonEnvelope.Write(o, Envelopes.Request)), f => JsonEnvelope.ReadRequest(f)),
        "json response" => (Hex.Written(o => JsonEnvelope.Write(o, Envelopes.Response)), f => JsonEnvelope.ReadResponse(f)),
        _ => throw new ArgumentException(kind),
    };

    [Theory, MemberData(nameof(Kinds))]
    public void Every_cut_is_malformed(string kind) => Hostile.RefusesEveryCut(Of(kind).Read, Of(kind).Frame, MaxAllocated);

    [Theory, MemberData(nameof(Kinds))]
    public void Every_changed_byte_is_survived(string kind)
        => Hostile.SurvivesEveryChangedByte(Of(kind).Read, Of(kind).Frame, MaxAllocated);

    [Theory, MemberData(nameof(Kinds))]
    public void Mutations_are_survived(string kind)
        => Hostile.SurvivesMutations(Of(kind).Read, Of(kind).Frame, MaxAllocated, count: 50_000, seed: 3);
}
