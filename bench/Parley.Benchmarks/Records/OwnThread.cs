using System.Collections.Concurrent;

namespace Parley.Benchmarks.Records;

/// <summary>A scheduler of one thread, as the server gives the writer and the upkeep of its log one each.</summary>
sealed class OwnThread : TaskScheduler, IDisposable
{
    readonly BlockingCollection<Task> _tasks = [];
    readonly Thread _thread;

    public OwnThread(string name)
    {
        _thread = new Thread(() => { foreach (var task in _tasks.GetConsumingEnumerable()) TryExecuteTask(task); }) { Name = name, IsBackground = true };
        _thread.Start();
    }

    public Task Run(Func<Task> loop) => Task.Factory.StartNew(loop, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this).Unwrap();

    public void Dispose()
    {
        _tasks.CompleteAdding();
        _thread.Join();
        _tasks.Dispose();
    }

    protected override void QueueTask(Task task) => _tasks.Add(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued)
        => Thread.CurrentThread == _thread && !taskWasPreviouslyQueued && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => _tasks;
}
