using Google.Protobuf;
using Parley.Core;
using Parley.Rpc.Protocol;
using Parley.Rpc.Storage.V1;
using Parley.Testing.Disks;

namespace Parley.Rpc.Tests.Storage;

/// <summary>Nothing is answered, and nothing is shown, before it is safe on disk.</summary>
public sealed class DurabilityTests
{
    static readonly Content Content = new() { Raw = ByteString.CopyFromUtf8("x") };

    /// <summary>A disk whose syncs wait while they are held.</summary>
    sealed class HeldDisk
    {
        TaskCompletionSource? _hold;

        public HeldDisk() => Disk = new CrashingDisk(seed: 1, () => _hold is { } hold ? Reached(hold) : ValueTask.CompletedTask);

        public CrashingDisk Disk { get; }

        public TaskCompletionSource Waiting { get; private set; } = new();

        public void Hold() => (Waiting, _hold) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

        public void Release()
        {
            var hold = _hold!;
            _hold = null;
            hold.SetResult();
        }

        async ValueTask Reached(TaskCompletionSource hold)
        {
            Waiting.TrySetResult();
            await hold.Task;
        }
    }

    [Fact]
    public async Task A_save_is_answered_and_seen_only_after_its_sync()
    {
        var disk = new HeldDisk();
        await using var rpc = await RunningRpc.StartAsync(disk: disk.Disk);
        var user = await rpc.NewUserAsync();
        var committed = rpc.Log.CommittedPosition;
        await using var following = rpc.Client.FollowAsync(new FollowRequest { Position = committed + 1 }, Patience.Token).GetAsyncEnumerator();
        await following.MoveNextAsync();

        disk.Hold();
        var save = rpc.Client.SavePeerMessageAsync(new SavePeerMessageRequest { User = user, Content = Content }, Patience.Token);
        await disk.Waiting.Task.WithPatience();
        // Queries too would show what is not yet safe, so they wait as well.
        var count = rpc.Client.GetNewCountAsync(new GetNewCountRequest { User = user }, Patience.Token);
        var next = following.MoveNextAsync().AsTask();
        Assert.Equal(committed, rpc.Log.CommittedPosition);
        Assert.False(save.IsCompleted || count.IsCompleted || next.IsCompleted);

        disk.Release();
        Assert.Equal(committed + 1, (await save).Saved.Id);
        Assert.Equal(1, (await count).Count);
        Assert.True(await next);
        Assert.Equal(committed + 1, Assert.Single(following.Current.Records).Position);
    }

    [Fact]
    public async Task Who_gives_up_waiting_repeats_and_gets_the_first_answer()
    {
        var disk = new HeldDisk();
        await using var rpc = await RunningRpc.StartAsync(disk: disk.Disk);
        var user = await rpc.NewUserAsync();
        var request = new SavePeerMessageRequest { User = user, Content = Content, ClientMessageId = "c1" };

        disk.Hold();
        using var giveUp = new CancellationTokenSource();
        var save = rpc.Client.SavePeerMessageAsync(request, giveUp.Token);
        await disk.Waiting.Task.WithPatience();
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => save);
        disk.Release();

        Assert.Equal(1, (await rpc.Client.SavePeerMessageAsync(request)).Saved.Sequence);
        Assert.Equal(1, (await rpc.Client.GetNewCountAsync(new GetNewCountRequest { User = user })).Count);
    }

    [Fact]
    public async Task A_deadline_is_the_servers_too()
    {
        var disk = new HeldDisk();
        var time = new Testing.ManualTime(DateTimeOffset.UtcNow);
        await using var rpc = await RunningRpc.StartAsync(time: time, disk: disk.Disk);
        var user = await rpc.NewUserAsync();
        disk.Hold();
        // The client's own clock has minutes to go; the server's has not.
        var client = new Client.StorageClient(rpc.Http2, rpc.Token) { Timeout = TimeSpan.FromMinutes(5) };
        var save = client.SavePeerMessageAsync(new SavePeerMessageRequest { User = user, Content = Content }, Patience.Token);
        await disk.Waiting.Task.WithPatience();
        time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(RpcCode.DeadlineExceeded, (await Assert.ThrowsAsync<RpcException>(() => save)).Code);
        disk.Release();
    }

    [Fact]
    public async Task A_failed_sync_leaves_the_outcome_unknown_and_then_nothing_is_written()
    {
        var failing = false;
        var disk = new CrashingDisk(seed: 1, () => failing ? ValueTask.FromException(new IOException("injected")) : ValueTask.CompletedTask);
        await using var rpc = await RunningRpc.StartAsync(disk: disk);
        var user = await rpc.NewUserAsync();
        var request = new SavePeerMessageRequest { User = user, Content = Content };
        await rpc.Client.SavePeerMessageAsync(request);
        failing = true;
        var fault = (await Assert.ThrowsAsync<RpcException>(() => rpc.Client.SavePeerMessageAsync(request))).Fault;
        Assert.Equal((RpcCode.Unknown, Refusal.OutcomeUnknown), (fault.Code, fault.Refusal));
        fault = (await Assert.ThrowsAsync<RpcException>(() => rpc.Client.SavePeerMessageAsync(request))).Fault;
        Assert.Equal((RpcCode.Unavailable, Refusal.ReadOnly), (fault.Code, fault.Refusal));
        Assert.Equal(1, (await rpc.Client.GetNewCountAsync(new GetNewCountRequest { User = user })).Count);
    }
}
