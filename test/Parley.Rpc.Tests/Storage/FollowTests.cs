using Google.Protobuf;
using Parley.Core;
using Parley.Core.Messages;
using Parley.Core.Storage;
using Parley.Rpc.Client;
using Parley.Rpc.Protocol;
using Parley.Rpc.Replication;
using Parley.Rpc.Replication.V1;
using Parley.Rpc.Storage;
using Parley.Rpc.Storage.V1;
using Parley.Testing.Disks;
using Record = Parley.Rpc.Storage.V1.Record;

namespace Parley.Rpc.Tests.Storage;

public sealed class FollowTests
{
    static Task<SavePeerMessageResponse> SaveAsync(RunningRpc rpc, Name user, string text = "x")
        => rpc.Client.SavePeerMessageAsync(new SavePeerMessageRequest { User = user, Content = new Content { Raw = ByteString.CopyFromUtf8(text) } });

    /// <summary>Records up to a position, from a stream that is then left.</summary>
    static async Task<List<Record>> RecordsAsync(RunningRpc rpc, long from, long to)
    {
        var records = new List<Record>();
        await foreach (var response in rpc.Client.FollowAsync(new FollowRequest { Position = from }, Patience.Token))
        {
            Assert.True(response.Records.Count == 0 || response.Records[^1].Position <= response.Committed);
            records.AddRange(response.Records);
            if (records.Count > 0 && records[^1].Position >= to) break;
        }

        return records;
    }

    [Fact]
    public async Task Every_record_comes_as_it_lies_in_the_log_from_any_position()
    {
        await using var rpc = await RunningRpc.StartAsync(options => options.MaxStreamRecords = 3);
        var users = await rpc.NewUsersAsync(3);
        foreach (var user in users) await SaveAsync(rpc, user);
        var stored = rpc.Log.ReadFrom(1, int.MaxValue, int.MaxValue);
        for (var from = 0; from <= stored.Count; from++)
        {
            var records = await RecordsAsync(rpc, from, stored.Count);
            Assert.Equal(stored.Skip(Math.Max(0, from - 1)).Select(record => record.Position), records.Select(record => record.Position));
            foreach (var record in records)
            {
                var original = stored[(int)record.Position - 1];
                Assert.Equal((original.Type, original.App, original.Time), ((ushort)record.Type, record.App, record.TimeUs));
                Assert.Equal(original.Filings.Select(filing => (filing.Feed.Value, filing.Sequence)), record.Filings.Select(filing => (filing.Feed, filing.Sequence)));
                Assert.Equal(original.Body.ToArray(), record.Body.ToByteArray());
            }
        }
    }

    [Fact]
    public async Task What_is_committed_later_comes_too()
    {
        await using var rpc = await RunningRpc.StartAsync();
        var user = await rpc.NewUserAsync();
        var next = rpc.Log.CommittedPosition + 1;
        await using var following = rpc.Client.FollowAsync(new FollowRequest { Position = next }, Patience.Token).GetAsyncEnumerator();
        Assert.True(await following.MoveNextAsync());
        Assert.Equal(((ulong)rpc.Log.LogId, rpc.Log.Epoch, rpc.Log.CommittedPosition, 0), (following.Current.Log, following.Current.Epoch, following.Current.Committed, following.Current.Records.Count));
        for (var i = 0; i < 3; i++)
        {
            var saved = (await SaveAsync(rpc, user, $"{i}")).Saved;
            Assert.True(await following.MoveNextAsync());
            Assert.Equal(saved.Id, Assert.Single(following.Current.Records).Position);
        }
    }

    [Fact]
    public async Task What_was_dropped_is_said_to_be_gone()
    {
        await using var rpc = await RunningRpc.StartAsync();
        var user = await rpc.NewUserAsync();
        for (var half = 0; half < 2; half++)
        {
            for (var sealedBefore = rpc.Log.SealedPosition; rpc.Log.SealedPosition == sealedBefore;) await SaveAsync(rpc, user, new string('x', 30_000));
            using var snapshot = rpc.Log.BeginSnapshot(rpc.Log.SealedPosition);
            await snapshot.CompleteAsync(Patience.Token);
        }

        Assert.True(await rpc.Log.DropBeforeAsync(long.MaxValue, Patience.Token) > 0);
        var (first, last) = (rpc.Log.FirstPosition, rpc.Log.CommittedPosition);
        Assert.Equal(Enumerable.Range((int)first, (int)(last - first + 1)).Select(position => (long)position), (await RecordsAsync(rpc, first, last)).Select(record => record.Position));
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await rpc.Client.FollowAsync(new FollowRequest { Position = first - 1 }, Patience.Token).FirstAsync());
        Assert.Equal((RpcCode.OutOfRange, true), (refused.Code, refused.Message.Contains($"begins at {first}", StringComparison.Ordinal)));

        var caller = new GrpcCaller(rpc.Http2, ReplicationService.Name, RunningRpc.ReplicationSecret);
        var described = await caller.CallAsync("Describe", new DescribeRequest(), DescribeResponse.Parser, Patience.Limit, 1 << 20, Patience.Token).FirstAsync();
        Assert.Equal((first, last), (described.FirstPosition, described.Position));
        var copy = caller.CallAsync("Copy", new CopyRequest { Name = "late", Log = described.Log, Position = first - 2, Epoch = 1 }, CopyResponse.Parser, Patience.Limit, 1 << 20, Patience.Token);
        Assert.Equal(RpcCode.FailedPrecondition, (await Assert.ThrowsAsync<RpcException>(async () => await copy.FirstAsync())).Code);

        // Inboxes begin later too.
        var page = await rpc.Client.SyncMessageAsync(new SyncMessageRequest { User = user, Limit = 3 });
        Assert.Equal([first, first + 1, first + 2], page.Messages.Select(message => message.Id));
        Assert.Equal(last - first + 1, (await rpc.Client.GetNewCountAsync(new GetNewCountRequest { User = user })).Count);
    }

    [Fact]
    public async Task Beyond_the_end_there_is_no_such_log()
    {
        await using var rpc = await RunningRpc.StartAsync();
        var beyond = new FollowRequest { Position = rpc.Log.CommittedPosition + 2 };
        Assert.Equal(RpcCode.OutOfRange, (await Assert.ThrowsAsync<RpcException>(async () => await rpc.Client.FollowAsync(beyond, Patience.Token).FirstAsync())).Code);
        Assert.Equal(RpcCode.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(async () => await rpc.Client.FollowAsync(new FollowRequest { Position = -1 }, Patience.Token).FirstAsync())).Code);
    }

    [Fact]
    public async Task Nothing_is_read_before_it_is_asked_for()
    {
        var disk = new CrashingDisk(seed: 1);
        await using var rpc = await RunningRpc.StartAsync(disk: disk);
        var user = await rpc.NewUserAsync();
        for (var i = 0; i < 30; i++) await SaveAsync(rpc, user, new string('x', 20_000));
        var service = new StorageService(rpc.Sequencer, new StorageReader(rpc.Log, rpc.Sequencer, new MessageReader(rpc.Log, rpc.Sequencer)), rpc.Log,
            new RpcOptions { MaxStreamBytes = 40_000 });
        var follow = service.Methods.Single(method => method.Stream is not null).Stream!;
        await using var records = follow(new FollowRequest { Position = 1 }, Patience.Token).GetAsyncEnumerator(Patience.Token);

        // The first answer reads nothing; each further one no more than its bound, however much there is.
        await records.MoveNextAsync();
        var before = disk.ReadsOf("00000001.segment");
        for (long seen = 0; seen < rpc.Log.CommittedPosition;)
        {
            await records.MoveNextAsync();
            var response = (FollowResponse)records.Current;
            Assert.True(response.Records.Sum(record => record.Body.Length) <= 40_000);
            Assert.Equal(seen + 1, response.Records[0].Position);
            seen = response.Records[^1].Position;
            var reads = disk.ReadsOf("00000001.segment") - before;
            Assert.True(reads < 10 + (6 * seen), $"{reads} reads for {seen} records");
        }
    }

    [Fact]
    public async Task A_caller_that_reads_nothing_holds_up_nobody()
    {
        await using var rpc = await RunningRpc.StartAsync();
        var user = await rpc.NewUserAsync();
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Patience.Token);
        await using var following = rpc.Client.FollowAsync(new FollowRequest { Position = 1 }, giveUp.Token).GetAsyncEnumerator();
        await following.MoveNextAsync();
        // More than the windows of HTTP/2 hold.
        for (var i = 0; i < 200; i++) await SaveAsync(rpc, user, new string('x', 30_000));
        Assert.Equal(200, (await rpc.Client.GetNewCountAsync(new GetNewCountRequest { User = user })).Count);
        Assert.Equal(1, rpc.OpenStreams);

        // And has missed nothing when it reads on.
        var seen = 0L;
        while (seen < rpc.Log.CommittedPosition)
        {
            Assert.True(await following.MoveNextAsync());
            foreach (var record in following.Current.Records) Assert.Equal(++seen, record.Position);
        }
    }

    [Fact]
    public async Task A_stream_that_is_left_is_closed_and_makes_room_for_another()
    {
        await using var rpc = await RunningRpc.StartAsync(options => options.MaxStreams = 1);
        var first = rpc.Client.FollowAsync(new FollowRequest(), Patience.Token).GetAsyncEnumerator();
        await first.MoveNextAsync();
        Assert.Equal(RpcCode.ResourceExhausted, (await Assert.ThrowsAsync<RpcException>(async () => await rpc.Client.FollowAsync(new FollowRequest(), Patience.Token).FirstAsync())).Code);
        // Single calls are counted apart.
        await rpc.Client.PingAsync(new PingRequest());
        await first.DisposeAsync();
        var patience = Patience.Token;
        while (true)
        {
            try
            {
                await rpc.Client.FollowAsync(new FollowRequest(), patience).FirstAsync();
                return;
            }
            catch (RpcException e) when (e.Code == RpcCode.ResourceExhausted && !patience.IsCancellationRequested)
            {
                // The server hears of the end by and by.
            }
        }
    }

    [Fact]
    public async Task A_stream_ends_with_the_server()
    {
        await using var rpc = await RunningRpc.StartAsync();
        var following = rpc.Client.FollowAsync(new FollowRequest { Position = rpc.Log.CommittedPosition + 1 }, Patience.Token).GetAsyncEnumerator();
        await following.MoveNextAsync();
        var stopping = rpc.StopAsync();
        var fault = (await Assert.ThrowsAsync<RpcException>(async () => await following.MoveNextAsync())).Fault;
        Assert.Equal((RpcCode.Unavailable, Refusal.Stopping), (fault.Code, fault.Refusal));
        await stopping.WithPatience();
    }

    [Fact]
    public async Task A_stream_ends_with_its_token()
    {
        var time = new Testing.ManualTime(DateTimeOffset.UtcNow);
        await using var rpc = await RunningRpc.StartAsync(time: time);
        var client = rpc.ClientWith(await rpc.TokenAsync(null, time.GetUtcNow() + TimeSpan.FromHours(1)));
        await using var following = client.FollowAsync(new FollowRequest { Position = rpc.Log.CommittedPosition + 1 }, Patience.Token).GetAsyncEnumerator();
        Assert.True(await following.MoveNextAsync());
        time.Advance(TimeSpan.FromHours(2));
        await rpc.NewUserAsync();
        Assert.Equal(Refusal.ExpiredToken, (await Assert.ThrowsAsync<RpcException>(async () => await following.MoveNextAsync())).Fault.Refusal);
    }
}
