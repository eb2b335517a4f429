using Parley.Testing.Disks;

namespace Parley.Store.Tests;

public sealed class WaitTests
{
    readonly CrashingDisk _disk = new();

    [Fact]
    public async Task A_position_already_passed_is_no_wait()
    {
        await using var log = await Logs.OpenAsync(_disk);
        await log.AppendAsync(Logs.Draft(1), Logs.Draft(1));
        Assert.True(log.WaitPastAsync(0, default).AsTask().IsCompletedSuccessfully);
        Assert.True(log.WaitPastAsync(1, default).AsTask().IsCompletedSuccessfully);
        Assert.False(log.WaitPastAsync(2, new CancellationToken(true)).AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Each_waiter_wakes_at_its_position_and_not_before()
    {
        await using var log = await Logs.OpenAsync(_disk);
        var past0 = log.WaitPastAsync(0, default).AsTask();
        var past1 = log.WaitPastAsync(1, default).AsTask();
        var alsoPast1 = log.WaitPastAsync(1, default).AsTask();
        await log.AppendAsync(Logs.Draft(1));
        await past0;
        Assert.False(past1.IsCompleted);
        await log.AppendAsync(Logs.Draft(1));
        await Task.WhenAll(past1, alsoPast1);
    }

    [Fact]
    public async Task A_waiter_can_give_up()
    {
        await using var log = await Logs.OpenAsync(_disk);
        using var patience = new CancellationTokenSource();
        var wait = log.WaitPastAsync(0, patience.Token).AsTask();
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        await log.AppendAsync(Logs.Draft(1));
        await log.WaitPastAsync(0, default);
    }

    [Fact]
    public async Task Closing_the_log_ends_the_wait()
    {
        var log = await Logs.OpenAsync(_disk);
        var wait = log.WaitPastAsync(0, default).AsTask();
        await log.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => wait);
    }

    [Fact]
    public async Task After_a_restart_what_is_there_is_past()
    {
        await using (var log = await Logs.OpenAsync(_disk)) await log.AppendAsync(Logs.Draft(1));
        await using var again = await Logs.OpenAsync(_disk);
        Assert.True(again.WaitPastAsync(0, default).AsTask().IsCompletedSuccessfully);
    }
}
