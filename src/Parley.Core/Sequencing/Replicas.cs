namespace Parley.Core.Sequencing;

/// <summary>A replica as the leader knows it.</summary>
/// <param name="Position">Up to here it said that everything is on its disk.</param>
public readonly record struct ReplicaView(string Name, long Position, bool IsAttached, DateTimeOffset LastHeard);

/// <summary>
/// How far replicas have copied. With <see cref="CoreOptions.ReplicaAck"/> nothing is acknowledged, delivered or shown before so many of them have synced it, so that promoting one of them loses nothing of
/// it. Safe from any thread.
/// </summary>
public sealed class Replicas(CoreOptions options, TimeProvider time)
{
    readonly Lock _gate = new();
    readonly Dictionary<string, Replica> _replicas = [];
    TaskCompletionSource _moved = NewSource();

    public bool AreNeeded => options.ReplicaAck > 0;

    /// <summary>Up to here as many replicas as are needed have synced everything. What a replica that has gone since has synced still counts: it is on its disk.</summary>
    public long Position
    {
        get
        {
            lock (_gate)
            {
                return _replicas.Values.Select(replica => replica.Position).OrderDescending().Skip(options.ReplicaAck - 1).FirstOrDefault();
            }
        }
    }

    public IReadOnlyList<ReplicaView> List()
    {
        lock (_gate) return [.. _replicas.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => entry.Value.View(entry.Key))];
    }

    /// <summary>A replica has come.</summary>
    /// <param name="position">All that it has. It may be less than it once acknowledged, when its disk lost something; then that counts no more.</param>
    /// <returns>Null when that name is attached already, or there are too many.</returns>
    public IDisposable? Attach(string name, long position)
    {
        lock (_gate)
        {
            if (!_replicas.TryGetValue(name, out var replica))
            {
                if (_replicas.Count >= options.MaxReplicas) return null;
                _replicas[name] = replica = new Replica();
            }

            if (replica.IsAttached) return null;
            (replica.IsAttached, replica.Position, replica.LastHeard) = (true, position, time.GetUtcNow());
        }

        Move();
        return new Attachment(this, name);
    }

    /// <summary>An attached replica has synced everything up to a position.</summary>
    /// <returns>False for one that is not attached.</returns>
    public bool Acknowledge(string name, long position)
    {
        lock (_gate)
        {
            if (!_replicas.TryGetValue(name, out var replica) || !replica.IsAttached) return false;
            replica.Position = Math.Max(replica.Position, position);
            replica.LastHeard = time.GetUtcNow();
        }

        Move();
        return true;
    }

    /// <summary>Waits until <see cref="Position"/> has reached a position.</summary>
    /// <returns>False when that took longer than <paramref name="patience"/>.</returns>
    internal async ValueTask<bool> WaitAsync(long position, TimeSpan patience, CancellationToken stopping)
    {
        if (Position >= position) return true;
        using var lapse = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(lapse.Token, stopping);
        while (true)
        {
            Task moved;
            lock (_gate) moved = _moved.Task;
            if (Position >= position) return true;
            try
            {
                await moved.WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
            {
                return false;
            }
        }
    }

    void Detach(string name)
    {
        lock (_gate) if (_replicas.TryGetValue(name, out var replica)) replica.IsAttached = false;
    }

    void Move()
    {
        TaskCompletionSource moved;
        lock (_gate) (moved, _moved) = (_moved, NewSource());
        moved.SetResult();
    }

    static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    sealed class Replica
    {
        public long Position { get; set; }
        public bool IsAttached { get; set; }
        public DateTimeOffset LastHeard { get; set; }

        public ReplicaView View(string name) => new(name, Position, IsAttached, LastHeard);
    }

    sealed class Attachment(Replicas replicas, string name) : IDisposable
    {
        int _isDone;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isDone, 1) == 0) replicas.Detach(name);
        }
    }
}
