using System.Globalization;

namespace Parley.Rpc.Protocol;

/// <summary>How callers say how long they will wait.</summary>
static class Deadlines
{
    const int MaxGrpcDigits = 8, MaxConnectDigits = 10;

    /// <summary>What a timer can wait for; a caller that would wait longer waits for ever.</summary>
    static readonly TimeSpan Longest = TimeSpan.FromDays(40);

    /// <summary><c>grpc-timeout</c>: at most eight digits and a unit.</summary>
    /// <returns>Null when nothing is said.</returns>
    public static TimeSpan? ReadGrpc(string text)
    {
        if (text.Length == 0) return null;
        var ticks = text[^1] switch
        {
            'H' => TimeSpan.TicksPerHour,
            'M' => TimeSpan.TicksPerMinute,
            'S' => TimeSpan.TicksPerSecond,
            'm' => TimeSpan.TicksPerMillisecond,
            'u' => TimeSpan.TicksPerMicrosecond,
            // A tick is 100 ns; less than one is one.
            'n' => 0,
            _ => throw Malformed("grpc-timeout"),
        };
        var amount = Number(text[..^1], MaxGrpcDigits, "grpc-timeout");
        return Within(ticks == 0 ? (amount + 99) / 100 : amount, Math.Max(ticks, 1));
    }

    /// <summary><c>connect-timeout-ms</c>: at most ten digits.</summary>
    public static TimeSpan? ReadConnect(string text) => text.Length == 0 ? null : Within(Number(text, MaxConnectDigits, "connect-timeout-ms"), TimeSpan.TicksPerMillisecond);

    /// <summary>Milliseconds, or what larger unit still holds it in eight digits.</summary>
    public static string WriteGrpc(TimeSpan timeout)
    {
        var milliseconds = (long)Math.Ceiling(Math.Max(0, timeout.TotalMilliseconds));
        return milliseconds < 100_000_000 ? $"{milliseconds}m" : $"{Math.Min(milliseconds / 1_000, 99_999_999)}S";
    }

    static TimeSpan? Within(long amount, long ticks) => amount > Longest.Ticks / ticks ? null : new TimeSpan(amount * ticks);

    static long Number(string digits, int maxDigits, string header)
        => digits.Length <= maxDigits && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Malformed(header);

    static RpcException Malformed(string header) => new(RpcCode.InvalidArgument, $"{header} can't be read");
}
