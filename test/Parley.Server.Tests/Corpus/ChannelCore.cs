using System.Diagnostics.Metrics;
using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Messages;
using Parley.Core.Sequencing;
using Parley.Store;
using Parley.Store.Disks;

namespace Parley.Server.Tests.Corpus;

/// <summary>Log and sequencer in this process, on a real disk; the pace is the disk's.</summary>
sealed class ChannelCore : IAsyncDisposable
{
    const int InFlight = 2_048;

    readonly CancellationTokenSource _stopping = new();
    readonly Queue<(Task<Outcome> Task, Command Command, long Sequence)> _waiting = [];
    readonly Meters _meters = new();
    readonly Log _log;
    readonly Task _loops;

    ChannelCore(Log log)
    {
        _log = log;
        Sequencer = Sequencer.Open(log, new CoreOptions { MessageRate = 0 }, TimeProvider.System, new CoreMetrics(_meters));
        Reader = new MessageReader(log, Sequencer);
        _loops = Task.WhenAll(log.MaintainAsync(_stopping.Token), Sequencer.RunAsync(_stopping.Token));
    }

    public Sequencer Sequencer { get; }

    public MessageReader Reader { get; }

    public long Records => _log.CommittedPosition;

    public static async Task<ChannelCore> OpenAsync(string directory) => new(await Log.OpenAsync(new PosixDisk(directory), new LogOptions(), TimeProvider.System));

    /// <summary>Submits in order, many at a time.</summary>
    /// <param name="sequence">Which a message must get; 0 for a command that is none.</param>
    public async ValueTask DoAsync(Command command, long sequence = 0)
    {
        _waiting.Enqueue((Sequencer.SubmitAsync(command), command, sequence));
        if (_waiting.Count >= InFlight) await TakeAsync();
    }

    public async ValueTask FinishAsync()
    {
        while (_waiting.Count > 0) await TakeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loops;
        await _log.DisposeAsync();
        _stopping.Dispose();
        _meters.Dispose();
    }

    async ValueTask TakeAsync()
    {
        var (task, command, sequence) = _waiting.Dequeue();
        var outcome = await task;
        Assert.True(outcome.IsAccepted && (sequence == 0 || outcome.Sequence == sequence), $"{outcome} instead of sequence {sequence}: {command}");
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
