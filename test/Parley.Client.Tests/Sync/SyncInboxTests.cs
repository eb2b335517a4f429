using Parley.Client.Sync;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Client.Tests.Sync;

public sealed class SyncInboxTests
{
    [Fact]
    public async Task What_is_posted_in_between_is_taken_together_and_once()
    {
        var inbox = new SyncInbox(10_000);
        inbox.Connected();
        inbox.Connected();
        inbox.MaxSequences(new GetMaxSeqResp());
        inbox.Pushed(new PushMessages(), 10);
        var work = await inbox.TakeAsync(default);
        Assert.True(work.Connected && work.MaxSequences is not null && work.Pushes.Count == 1 && !work.Overflowed);

        inbox.Pushed(new PushMessages(), 10);
        work = await inbox.TakeAsync(default);
        Assert.True(!work.Connected && work.MaxSequences is null && work.Pushes.Count == 1);
    }

    [Fact]
    public async Task Pushes_beyond_the_bound_are_dropped_up_to_the_next_take()
    {
        var inbox = new SyncInbox(2_100);
        inbox.Pushed(new PushMessages(), 1_000);
        inbox.Pushed(new PushMessages(), 1_000);
        // Small enough, but behind a dropped one.
        inbox.Pushed(new PushMessages(), 1);
        var work = await inbox.TakeAsync(default);
        Assert.Single(work.Pushes);
        Assert.True(work.Overflowed);

        inbox.Pushed(new PushMessages(), 1_000);
        Assert.False((await inbox.TakeAsync(default)).Overflowed);
    }
}
