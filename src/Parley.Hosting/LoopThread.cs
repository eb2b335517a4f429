using System.Collections.Concurrent;

namespace Parley.Hosting;

/// <summary>
/// A scheduler with one thread of its own, for loops that block in the disk: the sequencer's sync would otherwise hold a pool thread that connections need.
/// </summary>
sealed class LoopThread : TaskScheduler, IDisposable
{
    readonly BlockingCollection<Task> _tasks = [];
    readonly Thread _thread;

    public LoopThread(string name)
    {
        _thread = new Thread(() => { foreach (var task in _tasks.GetConsumingEnumerable()) TryExecuteTask(task); }) { Name = name, IsBackground = true };
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

    protected override void QueueTask(Task task) => _tasks.Add(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued)
        => Thread.CurrentThread == _thread && !taskWasPreviouslyQueued && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => _tasks;
}
