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
    long _attachments;
    TaskCompletionSource _moved = NewSource();

    public bool AreNeeded => options.ReplicaAck > 0;

    /// <summary>Up to here as many replicas as are needed have synced everything. What a replica that has gone since has synced still counts: it is on its disk. -1 while fewer are known.</summary>
    public long Position
    {
        get
        {
            lock (_gate)
            {
                return _replicas.Values.Select(replica => replica.Position).OrderDescending().Skip(options.ReplicaAck - 1).FirstOrDefault(-1);
            }
        }
    }

    /// <summary>Up to here every attached replica, and as many as are needed, have everything: what lies before is nobody's to copy any more.</summary>
    public long KeptPosition
    {
        get
        {
            lock (_gate)
            {
                var attached = _replicas.Values.Where(replica => replica.Attachment is not null).Select(replica => replica.Position).DefaultIfEmpty(long.MaxValue - 1).Min();
                return AreNeeded ? Math.Min(attached, Position) : attached;
            }
        }
    }

    public IReadOnlyList<ReplicaView> List()
    {
        lock (_gate) return [.. _replicas.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => entry.Value.View(entry.Key))];
    }

    /// <summary>A replica has come. An older connection of that name, which may be dead without knowing, is ended.</summary>
    /// <param name="position">All that it has. It may be less than it once acknowledged, when its disk lost something; then that counts no more.</param>
    /// <returns>Dispose of it when the connection ends. Null when there are too many.</returns>
    public Attachment? Attach(string name, long position)
    {
        Attachment? former;
        Attachment attachment;
        lock (_gate)
        {
            if (!_replicas.TryGetValue(name, out var replica))
            {
                if (_replicas.Count >= options.MaxReplicas) return null;
                _replicas[name] = replica = new Replica();
            }

            (former, attachment) = (replica.Attachment, new Attachment(this, name, ++_attachments));
            (replica.Attachment, replica.Position, replica.LastHeard) = (attachment, position, time.GetUtcNow());
        }

        former?.End();
        Move();
        return attachment;
    }

    /// <summary>An attached replica has synced everything up to a position.</summary>
    /// <returns>False for one that is not attached.</returns>
    public bool Acknowledge(long attachment, long position)
    {
        lock (_gate)
        {
            if (_replicas.Values.FirstOrDefault(one => one.Attachment?.Id == attachment) is not { } replica) return false;
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

    internal void Detach(Attachment attachment)
    {
        lock (_gate)
        {
            if (_replicas.TryGetValue(attachment.Name, out var replica) && replica.Attachment == attachment) replica.Attachment = null;
        }
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
        public Attachment? Attachment { get; set; }
        public DateTimeOffset LastHeard { get; set; }

        public ReplicaView View(string name) => new(name, Position, Attachment is not null, LastHeard);
    }
}

/// <summary>The connection of a replica, from its coming to its going.</summary>
public sealed class Attachment : IDisposable
{
    readonly Replicas _replicas;
    readonly CancellationTokenSource _ended = new();

    internal Attachment(Replicas replicas, string name, long id) => (_replicas, Name, Id) = (replicas, name, id);

    public string Name { get; }

    /// <summary>From 1; no two have the same.</summary>
    public long Id { get; }

    /// <summary>Cancelled when another connection of that name took over.</summary>
    public CancellationToken Ended => _ended.Token;

    internal void End() => _ended.Cancel();

    public void Dispose() => _replicas.Detach(this);
}
