using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Parley.Hosting;

/// <summary>
/// A scheduler with one thread of its own, for loops that block in the disk: the sequencer's sync would otherwise hold a pool thread that connections need.
/// </summary>
public sealed partial class LoopThread : TaskScheduler, IDisposable
{
    readonly BlockingCollection<Task> _tasks = [];
    readonly Thread _thread;

    /// <param name="isLowly">Whether all others go first: for work that nobody waits for.</param>
    public LoopThread(string name, bool isLowly = false)
    {
        _thread = new Thread(() =>
        {
            if (isLowly) GiveWay();
            foreach (var task in _tasks.GetConsumingEnumerable()) TryExecuteTask(task);
        })
        {
            Name = name,
            IsBackground = true,
            Priority = isLowly ? ThreadPriority.BelowNormal : ThreadPriority.Normal,
        };
        _thread.Start();
    }

    /// <summary>Runs the loop here; everything it awaits continues here.</summary>
    public Task Run(Func<Task> loop) => Task.Factory.StartNew(loop, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this).Unwrap();

    public void Dispose()
    {
        _tasks.CompleteAdding();
        if (Thread.CurrentThread != _thread) _thread.Join(TimeSpan.FromSeconds(10));
        _tasks.Dispose();
    }

    /// <summary>Linux knows no priorities of such threads, only how nice they are. Elsewhere niceness is the whole process's.</summary>
    static void GiveWay()
    {
        const int Process = 0, Myself = 0, Nice = 10;
        // Refused, it is merely as fast as the others.
        if (OperatingSystem.IsLinux()) _ = SetPriority(Process, Myself, Nice);
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int niceness);

    protected override void QueueTask(Task task) => _tasks.Add(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued)
        => Thread.CurrentThread == _thread && !taskWasPreviouslyQueued && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => _tasks;
}
