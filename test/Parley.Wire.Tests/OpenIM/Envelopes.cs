using Parley.Wire.OpenIM;

namespace Parley.Wire.Tests.OpenIM;

/// <summary>Envelopes to test with, and how two are compared: by content, not by whose memory it is.</summary>
static class Envelopes
{
    public static RequestEnvelope Request { get; }
        = new(Requests.SendMessage, "token", "alice", "op-1", "alice_1700000000", new byte[] { 8, 1, 0, 255 });
    public static ResponseEnvelope Response { get; }
        = new(Requests.SendMessage, ErrorCodes.MutedInGroup, "muted", "alice_1", "op-1", new byte[] { 8, 1, 0 });

    public static void AssertSame(RequestEnvelope expected, RequestEnvelope actual)
    {
        Assert.Equal(expected with { Data = default }, actual with { Data = default });
        Assert.True(expected.Data.Span.SequenceEqual(actual.Data.Span), "Data differs");
    }

    public static void AssertSame(ResponseEnvelope expected, ResponseEnvelope actual)
    {
        Assert.Equal(expected with { Data = default }, actual with { Data = default });
        Assert.True(expected.Data.Span.SequenceEqual(actual.Data.Span), "Data differs");
    }

    public static IEnumerable<(RequestEnvelope Request, ResponseEnvelope Response)> Random(int count, int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < count; i++)
        {
            yield return (
                new(Number(random), Text(random), Text(random), Text(random), Text(random), Data(random, i)),
                new(Number(random), Number(random), Text(random), Text(random), Text(random), Data(random, i)));
        }
    }

    static int Number(Random random) => random.Next(4) switch
    {
        0 => Edges[random.Next(Edges.Length)],
        1 => random.Next(-200, 200),
        _ => random.Next(int.MinValue, int.MaxValue),
    };

    static string Text(Random random)
        => string.Concat(Enumerable.Range(0, random.Next(4) == 0 ? 0 : random.Next(200)).Select(_ => Pieces[random.Next(Pieces.Length)]));

    static byte[] Data(Random random, int round)
    {
        // A megabyte now and then is enough to pass every form of a length.
        var data = new byte[round % 50 == 49 ? 1 << 20 : random.Next(3) == 0 ? 0 : random.Next(70_000)];
        random.NextBytes(data);
        return data;
    }

    static readonly int[] Edges = [0, 1, -1, 63, 64, -64, -65, 127, 128, 255, 256, short.MaxValue, int.MaxValue, int.MinValue];
    static readonly string[] Pieces =
        ["a", "Z", "0", "_", "\"", "\\", "/", "<", "&", "+", "\n", "\0", "\u007f", "é", "你好", "\u2028", "😀", "\uffff"];
}
