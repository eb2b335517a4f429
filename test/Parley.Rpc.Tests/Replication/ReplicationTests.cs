using Microsoft.Extensions.Logging.Abstractions;
using Parley.Rpc.Client;
using Parley.Rpc.Protocol;
using Parley.Rpc.Replication;
using Parley.Rpc.Replication.V1;
using Parley.Store;
using Parley.Store.Disks;
using Parley.Store.Replication;
using Parley.Testing.Disks;

namespace Parley.Rpc.Tests.Replication;

public sealed class ReplicationTests
{
    static readonly LogOptions Options = new() { SegmentBytes = 1 << 20, PrepareBytes = 256 << 10, MaxBatchBytes = 256 << 10 };

    [Fact]
    public async Task A_replica_follows_through_cut_links_and_restarts_and_is_the_same()
    {
        await using var leader = await RunningRpc.StartAsync();
        await using var link = new CutLink(leader.Http2.BaseAddress!);
        var disk = new CrashingDisk();
        var random = new Random(3);
        for (var round = 0; round < 4; round++)
        {
            await using var replica = Running.Start(link.Address, disk);
            for (var step = 0; step < 6; step++)
            {
                await leader.NewUsersAsync(random.Next(1, 400));
                if (random.Next(2) == 0) await link.CutAsync();
            }

            await replica.ReachedAsync(leader.Log.CommittedPosition);
        }

        Assert.Equal(leader.Log.CommittedPosition, await ReplicaLog.PromoteAsync(disk, Options, TimeProvider.System));
        await using var promoted = await Log.OpenAsync(disk, Options, TimeProvider.System);
        AssertSame(leader.Log, promoted);
    }

    [Fact]
    public async Task With_ReplicaAck_nothing_is_answered_that_the_replica_lacks()
    {
        await using var leader = await RunningRpc.StartAsync(core: options => options.ReplicaAck = 1, hasToken: false);
        var registering = leader.NewUsersAsync(3);
        var disk = new CrashingDisk();
        await using (var replica = Running.Start(leader.Http2.BaseAddress!, disk))
        {
            await registering.WithPatience();
            for (var i = 0; i < 20; i++) await leader.NewUserAsync().WithPatience();
            Assert.True(replica.Position >= leader.Sequencer.CommittedPosition);
            var view = Assert.Single(leader.Sequencer.Replicas.List());
            Assert.Equal(("replica", leader.Sequencer.CommittedPosition, true), (view.Name, view.Position, view.IsAttached));
        }

        var lost = leader.NewUserAsync();
        Assert.False(lost.IsCompleted);
        // Back, it copies what it lacks, and the waiting command is answered.
        await using var again = Running.Start(leader.Http2.BaseAddress!, disk);
        await lost.WithPatience();
    }

    [Fact]
    public async Task Without_the_secret_nothing_is_copied()
    {
        await using var leader = await RunningRpc.StartAsync();
        foreach (var shown in new[] { "wrong", "", leader.Token })
        {
            var caller = new GrpcCaller(leader.Http2, ReplicationService.Name, shown);
            Assert.Equal(RpcCode.Unauthenticated, (await Assert.ThrowsAsync<RpcException>(() => FirstAsync(caller, new CopyRequest { Name = "x" }))).Code);
        }
    }

    [Theory]
    [InlineData("", 0UL, 0, RpcCode.InvalidArgument)]
    [InlineData("x", 0UL, 0, RpcCode.FailedPrecondition)]
    [InlineData("x", 1UL, 0, RpcCode.FailedPrecondition)]
    [InlineData("x", ulong.MaxValue, 1_000_000, RpcCode.FailedPrecondition)]
    [InlineData("x", ulong.MaxValue, -1, RpcCode.FailedPrecondition)]
    public async Task What_does_not_fit_is_refused(string name, ulong log, long position, RpcCode code)
    {
        await using var leader = await RunningRpc.StartAsync();
        var caller = new GrpcCaller(leader.Http2, ReplicationService.Name, RunningRpc.ReplicationSecret);
        var request = new CopyRequest { Name = name, Log = log == ulong.MaxValue ? (ulong)leader.Log.LogId : log, Position = position };
        Assert.Equal(code, (await Assert.ThrowsAsync<RpcException>(() => FirstAsync(caller, request))).Code);
    }

    [Fact]
    public async Task A_replica_whose_log_went_on_by_itself_stops_and_says_so()
    {
        await using var leader = await RunningRpc.StartAsync();
        await leader.NewUsersAsync(10);
        var disk = new CrashingDisk();
        await using (var replica = Running.Start(leader.Http2.BaseAddress!, disk)) await replica.ReachedAsync(leader.Log.CommittedPosition);

        // Another history of the same log, of the same length: its last batch is of another epoch.
        var other = new CrashingDisk();
        await using (var copy = await ReplicaLog.OpenAsync(other, Options, TimeProvider.System, leader.Log.LogId))
        {
            var buffer = new byte[Options.MaxBatchBytes];
            while (copy.CommittedPosition < leader.Log.CommittedPosition - 1)
                await copy.AppendAsync(buffer.AsMemory(0, leader.Log.ReadBatches(copy.CommittedPosition + 1, buffer, out _)), default);
        }

        await ReplicaLog.PromoteAsync(other, Options, TimeProvider.System);
        await using (var promoted = await Log.OpenAsync(other, Options, TimeProvider.System))
        {
            var batch = (await promoted.BeginAsync(default))!;
            for (var i = 0; i < 5; i++) batch.Add(1, 0, promoted.LastTime + 1 + i, [], new byte[8], []);
            await promoted.CommitAsync(batch);
        }

        using (other.Open("replica")) other.SyncDirectory();
        await using var diverged = Running.Start(leader.Http2.BaseAddress!, other);
        var problem = await Assert.ThrowsAsync<ReplicaException>(() => diverged.Completion.WithPatience());
        Assert.Contains("diverged", problem.Message, StringComparison.Ordinal);
    }

    static async Task<CopyResponse> FirstAsync(GrpcCaller caller, CopyRequest request)
    {
        await foreach (var first in caller.CallAsync("Copy", request, CopyResponse.Parser, Patience.Limit, 1 << 20, default)) return first;
        throw new InvalidOperationException("No answer.");
    }

    static void AssertSame(Log expected, Log actual)
    {
        var (left, right) = (expected.ReadFrom(1, int.MaxValue, int.MaxValue), actual.ReadFrom(1, int.MaxValue, int.MaxValue));
        Assert.Equal(left.Select(record => (record.Position, record.Time, Convert.ToHexString(record.Body.Span))), right.Select(record => (record.Position, record.Time, Convert.ToHexString(record.Body.Span))));
    }

    /// <summary>A replica's process in this one.</summary>
    sealed class Running : IAsyncDisposable
    {
        readonly CancellationTokenSource _stopping = new();
        readonly TaskCompletionSource<Log> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        readonly HttpClient _http;
        readonly Replicator _replicator;

        Running(Uri leader, IDisk disk)
        {
            _http = new HttpClient { BaseAddress = leader, Timeout = Timeout.InfiniteTimeSpan };
            _replicator = new Replicator(_http, RunningRpc.ReplicationSecret, "replica", disk, Options, TimeProvider.System, NullLogger<Replicator>.Instance);
            Completion = Task.Run(() => _replicator.RunAsync((log, ending) =>
            {
                _opened.TrySetResult(log);
                return log.MaintainAsync(ending);
            }, _stopping.Token));
        }

        public Task Completion { get; }

        public long Position => _replicator.Position;

        public static Running Start(Uri leader, IDisk disk) => new(leader, disk);

        public async Task ReachedAsync(long position) => await (await _opened.Task.WithPatience()).WaitPastAsync(position - 1, Patience.Token);

        public async ValueTask DisposeAsync()
        {
            await _stopping.CancelAsync();
            await Completion.ContinueWith(_ => { }, TaskScheduler.Default);
            _http.Dispose();
            _stopping.Dispose();
        }
    }
}
