using System.Diagnostics.Metrics;
using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Messages;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Store;
using Parley.Store.Disks;

namespace Parley.Benchmarks.Records;

/// <summary>Log and sequencer without edges, for what is measured or prepared in bulk.</summary>
sealed class CoreInProcess : IAsyncDisposable
{
    const int UsersPerCommand = 1_000, InFlight = 2_048;

    readonly OwnThread _writerThread = new("writer");
    readonly OwnThread _upkeepThread = new("upkeep");
    readonly CancellationTokenSource _stopping = new();
    readonly Meters _meters = new();
    readonly Task _loops;

    CoreInProcess(Log log, CoreOptions options)
    {
        Log = log;
        Sequencer = Sequencer.Open(log, options, TimeProvider.System, new CoreMetrics(_meters));
        _loops = Task.WhenAll(_upkeepThread.Run(() => log.MaintainAsync(_stopping.Token)), _writerThread.Run(() => Sequencer.RunAsync(_stopping.Token)));
    }

    public Log Log { get; }

    public Sequencer Sequencer { get; }

    public static async Task<CoreInProcess> OpenAsync(string directory, LogOptions log, CoreOptions core)
        => new(await Log.OpenAsync(new PosixDisk(directory), log, TimeProvider.System), core);

    /// <summary>Users 1 to <paramref name="count"/>, named by their numbers.</summary>
    public Task RegisterAsync(int count) => AllAsync((count + UsersPerCommand - 1) / UsersPerCommand, i => new RegisterUsers(0, Actor.Operator,
        [.. Enumerable.Range((i * UsersPerCommand) + 1, Math.Min(UsersPerCommand, count - (i * UsersPerCommand))).Select(n => new NewUser(IdOf(n), $"User {n}"))]));

    /// <summary>Carries out so many commands, many at a time.</summary>
    public async Task AllAsync(int count, Func<int, Command> commandOf)
    {
        var waiting = new Queue<Task<Outcome>>();
        for (var i = 0; i < count || waiting.Count > 0;)
        {
            if (i < count) waiting.Enqueue(Sequencer.SubmitAsync(commandOf(i++)));
            if (i < count && waiting.Count < InFlight) continue;
            if (await waiting.Dequeue() is { IsAccepted: false } outcome) throw new InvalidDataException($"A command was refused: {outcome.Refusal}.");
        }
    }

    public static SendMessage Message(int sender, int receiver, int index, byte[] body)
        => new(0, Actor.Operator, new Message(new UserNumber((uint)sender), $"{index:x32}", ContentKind.Text, body, 0, 1), Recipient.User(IdOf(receiver)), AllowSelf: false);

    public static string IdOf(int number) => $"user{number}";

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loops;
        await Log.DisposeAsync();
        _writerThread.Dispose();
        _upkeepThread.Dispose();
        _stopping.Dispose();
        _meters.Dispose();
    }

    sealed class Meters : IMeterFactory
    {
        readonly List<Meter> _meters = [];

        public Meter Create(MeterOptions options)
        {
            _meters.Add(new Meter(options));
            return _meters[^1];
        }

        public void Dispose() => _meters.ForEach(meter => meter.Dispose());
    }
}
