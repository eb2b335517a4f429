using Parley.Core.Messages;
using Parley.Testing;
using static Parley.Core.Tests.RunningCore;

namespace Parley.Core.Tests;

public sealed class MessageRateTests
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    readonly ManualTime _time = new();
    readonly MessageRate _rate;

    public MessageRateTests()
        => _rate = new MessageRate(new CoreOptions { MessageRate = 10, MessageBurst = 3, MaxRateDelay = TimeSpan.FromMilliseconds(250) }, _time);

    Task<bool> AdmitAsync(Users.UserNumber user, long app = 0) => _rate.AdmitAsync(app, user, CancellationToken.None).AsTask();

    [Fact]
    public async Task A_burst_passes_then_messages_wait_their_turn_then_they_are_refused()
    {
        for (var i = 0; i < 3; i++) Assert.True(await AdmitAsync(Alice));
        var (first, second) = (AdmitAsync(Alice), AdmitAsync(Alice));
        Assert.False(await AdmitAsync(Alice));

        _time.Advance(Interval - TimeSpan.FromMilliseconds(1));
        Assert.False(first.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(await first);
        Assert.False(second.IsCompleted);
        _time.Advance(Interval);
        Assert.True(await second);
    }

    [Fact]
    public async Task A_flood_costs_its_own_sender_only()
    {
        while (AdmitAsync(Alice) is not { IsCompletedSuccessfully: true, Result: false })
        {
        }

        Assert.True(await AdmitAsync(Bob));
        Assert.True(await AdmitAsync(Alice, app: 1));
    }

    [Fact]
    public async Task What_was_refused_does_not_push_the_turn_further_away()
    {
        while (AdmitAsync(Alice) is not { IsCompletedSuccessfully: true, Result: false })
        {
        }

        for (var i = 0; i < 100; i++) Assert.False(await AdmitAsync(Alice));
        _time.Advance(TimeSpan.FromSeconds(10));
        for (var i = 0; i < 3; i++) Assert.True(AdmitAsync(Alice).IsCompletedSuccessfully);
        Assert.False(AdmitAsync(Alice).IsCompleted);
    }

    [Fact]
    public async Task Whoever_gives_up_waiting_is_cancelled()
    {
        for (var i = 0; i < 3; i++) await AdmitAsync(Alice);
        using var giveUp = new CancellationTokenSource();
        var waiting = _rate.AdmitAsync(0, Alice, giveUp.Token).AsTask();
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public void Zero_lifts_the_limit()
    {
        var rate = new MessageRate(new CoreOptions { MessageRate = 0 }, _time);
        for (var i = 0; i < 10_000; i++) Assert.True(rate.AdmitAsync(0, Alice, CancellationToken.None).AsTask() is { IsCompletedSuccessfully: true, Result: true });
    }
}
