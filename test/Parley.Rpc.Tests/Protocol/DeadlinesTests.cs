using Parley.Rpc.Protocol;

namespace Parley.Rpc.Tests.Protocol;

public sealed class DeadlinesTests
{
    [Theory]
    [InlineData("1H", 3_600_000_000_000)]
    [InlineData("2M", 120_000_000_000)]
    [InlineData("3S", 3_000_000_000)]
    [InlineData("250m", 250_000_000)]
    [InlineData("99999999u", 99_999_999_000)]
    [InlineData("100n", 100)]
    [InlineData("1n", 100)]
    [InlineData("0S", 0)]
    public void Reads_what_gRPC_says(string text, long nanoseconds) => Assert.Equal(nanoseconds / 100, Deadlines.ReadGrpc(text)!.Value.Ticks);

    [Theory, InlineData("S"), InlineData("1"), InlineData("1s"), InlineData("-1S"), InlineData("1.5S"), InlineData(" 1S"), InlineData("123456789S"), InlineData("१S")]
    public void Refuses_what_gRPC_does_not_say(string text) => Assert.Equal(RpcCode.InvalidArgument, Assert.Throws<RpcException>(() => Deadlines.ReadGrpc(text)).Code);

    [Fact]
    public void Reads_what_Connect_says()
    {
        Assert.Equal(TimeSpan.FromMilliseconds(1_500), Deadlines.ReadConnect("1500"));
        Assert.Null(Deadlines.ReadConnect(""));
        foreach (var text in new[] { "1.5", "-1", "12345678901", "1m", " " }) Assert.Throws<RpcException>(() => Deadlines.ReadConnect(text));
    }

    [Fact]
    public void Who_waits_longer_than_timers_do_waits_for_ever()
    {
        Assert.Null(Deadlines.ReadGrpc(""));
        Assert.Null(Deadlines.ReadGrpc("99999999H"));
        Assert.Null(Deadlines.ReadConnect("9999999999"));
        Assert.NotNull(Deadlines.ReadGrpc("900H"));
    }

    [Theory, InlineData(0, "0m"), InlineData(1, "1m"), InlineData(99_999_999, "99999999m"), InlineData(100_000_000, "100000S"), InlineData(-5, "0m")]
    public void Writes_what_it_reads(long milliseconds, string text)
    {
        Assert.Equal(text, Deadlines.WriteGrpc(TimeSpan.FromMilliseconds(milliseconds)));
        Assert.Equal(Math.Max(0, milliseconds), Deadlines.ReadGrpc(text)!.Value.TotalMilliseconds);
    }
}
