using System.Diagnostics.Metrics;
using Parley.Core.Commands;
using Parley.Core.Messages;
using Parley.Core.Sequencing;
using Parley.Core.Sessions;
using Parley.Core.Tokens;
using Parley.Core.Users;
using Parley.Store;
using Parley.Testing.Disks;

namespace Parley.Core.Tests;

/// <summary>A sequencer running over an in-memory disk, with the users alice (1), bob (2) and carol (3).</summary>
sealed class RunningCore : IAsyncDisposable
{
    public static readonly UserNumber Alice = new(1), Bob = new(2), Carol = new(3), Nobody = new(99);
    public static readonly CoreMetrics Metrics = new(new Meters());

    readonly CancellationTokenSource _stopping = new();
    readonly Task _upkeep;
    readonly Task _loop;
    int _ids;

    RunningCore(CrashingDisk disk, Log log, CoreOptions options, TimeProvider time)
    {
        (Disk, Log, Options) = (disk, log, options);
        Sequencer = Sequencer.Open(log, options, time, Metrics);
        Reader = new MessageReader(log, Sequencer);
        _upkeep = log.MaintainAsync(_stopping.Token);
        _loop = Sequencer.RunAsync(_stopping.Token);
    }

    public CrashingDisk Disk { get; }
    public Log Log { get; }
    public CoreOptions Options { get; }
    public Sequencer Sequencer { get; }
    public MessageReader Reader { get; }

    /// <summary>Fails when the disk crashes: what was submitted then is never answered.</summary>
    public Task Loop => _loop;

    public static async Task<RunningCore> StartAsync(CoreOptions? options = null, CrashingDisk? disk = null, LogOptions? logOptions = null, TimeProvider? time = null)
    {
        var isNew = disk is null;
        disk ??= new CrashingDisk(seed: 1);
        var log = await Log.OpenAsync(disk, logOptions ?? new LogOptions { SegmentBytes = 1 << 20, PrepareBytes = 256 << 10, MaxBatchBytes = 64 << 10 }, time ?? TimeProvider.System);
        var core = new RunningCore(disk, log, options ?? new CoreOptions { MessageRate = 0 }, time ?? TimeProvider.System);
        if (isNew) await core.RegisterAsync();
        return core;
    }

    public async Task RegisterAsync()
        => Assert.True((await Sequencer.SubmitAsync(new RegisterUsers(0, Actor.Operator, [new("alice", "Alice"), new("bob", "Bob"), new("carol", "Carol")]))).IsAccepted);

    public Message Text(UserNumber sender, string text = "hello", string? clientId = null)
        => new(sender, clientId ?? $"id-{Interlocked.Increment(ref _ids)}", ContentKind.Text, System.Text.Encoding.UTF8.GetBytes(text), 1, 5);

    public Task<Outcome> SendAsync(UserNumber sender, string receiver, string text = "hello", string? clientId = null)
        => Sequencer.SubmitAsync(new SendMessage(0, Actor.Of(sender), Text(sender, text, clientId), Recipient.User(receiver), AllowSelf: true));

    /// <summary>A new token, and a session opened with it.</summary>
    public async Task<(Session Session, Outcome Outcome)> ConnectAsync(string user, int platform = 5, TokenKey? token = null)
    {
        var key = token ?? await IssueAsync(user, platform);
        var number = await Sequencer.QueryAsync((state, _) => state.App(0).Users.TryFind(user, out var found) ? found : default);
        var session = new Session(0, number, platform, "", key, new Outbox(Options.MaxOutboxItems, Options.MaxOutboxBytes));
        return (session, await Sequencer.SubmitAsync(new OpenSession(0, Actor.Of(number), key, platform), session));
    }

    public async Task<TokenKey> IssueAsync(string user, int platform, DateTimeOffset? expires = null)
    {
        Assert.True(TokenKey.TryFrom(TokenKey.NewToken(), out var key));
        var moment = (expires ?? DateTimeOffset.UtcNow.AddDays(1)).Ticks - DateTime.UnixEpoch.Ticks;
        Assert.True((await Sequencer.SubmitAsync(new IssueToken(0, Actor.Operator, user, platform, key, moment / TimeSpan.TicksPerMicrosecond))).IsAccepted);
        return key;
    }

    public static List<Outgoing> TakeAll(Session session)
    {
        var taken = new List<Outgoing>();
        while (session.Outbox.TryTake(out var item)) taken.Add(item!);
        return taken;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
        await _upkeep;
        await Log.DisposeAsync();
        _stopping.Dispose();
    }

    sealed class Meters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options);

        public void Dispose() { }
    }
}
