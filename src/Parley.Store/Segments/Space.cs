using Parley.Store.Disks;

namespace Parley.Store.Segments;

/// <summary>Space prepared ahead of the writer: zero-filled and synced, so that a commit changes no metadata and can't run out of room.</summary>
/// <remarks>The writer places batches, upkeep prepares; both under the log's gate but for the I/O, which one upkeep at a time does.</remarks>
sealed class Space(IDisk disk, LogOptions options, ulong log, TimeProvider time, LogState state)
{
    static readonly byte[] Zeros = new byte[256 << 10];

    // Prepared segments behind the current one, by ordinal.
    readonly List<Segment> _ahead = [];

    public void Add(Segment segment) => _ahead.Add(segment);

    public IEnumerable<Segment> Ahead => _ahead;

    /// <summary>Where a batch of the largest size can go now: the current segment or, when that is full, the next.</summary>
    public Segment? Place()
    {
        lock (state.Gate)
        {
            var current = state.Current;
            if (current.Capacity - current.End >= options.MaxBatchBytes) return HasRoom(current) ? current : null;
            return _ahead.Count > 0 && HasRoom(_ahead[0]) ? _ahead[0] : null;
        }
    }

    bool HasRoom(Segment segment) => segment.Prepared - segment.End >= options.MaxBatchBytes;

    /// <summary>Whether less is prepared than the writer may need before upkeep comes round again.</summary>
    public bool IsShort
    {
        get
        {
            lock (state.Gate)
            {
                if (Place() is null) return true;
                var current = state.Current;
                var usable = current.Capacity - current.End >= options.MaxBatchBytes ? current.Prepared - current.End : 0;
                foreach (var segment in _ahead) usable += segment.Prepared - segment.End;
                return usable < Math.Max(options.MaxBatchBytes, Math.Min(2L * options.PrepareBytes, options.SegmentBytes));
            }
        }
    }

    /// <summary>The next segment becomes the current one. Under the gate.</summary>
    public void Roll()
    {
        var next = _ahead[0];
        _ahead.RemoveAt(0);
        state.Append(next);
    }

    /// <summary>Prepares one step: more of the first segment that isn't whole, or the beginning of a new one.</summary>
    /// <exception cref="DiskFullException">Nothing is broken; try again later.</exception>
    public async ValueTask PrepareAsync()
    {
        Segment? segment;
        int last;
        lock (state.Gate)
        {
            segment = state.Segments.TakeLast(1).Concat(_ahead).FirstOrDefault(one => one.Prepared < one.Capacity);
            last = (_ahead.Count > 0 ? _ahead[^1] : state.Segments.LastOrDefault())?.Ordinal ?? 0;
        }
        if (segment is null) await StartAsync(last + 1);
        else await ExtendAsync(segment);
    }

    async ValueTask StartAsync(int ordinal)
    {
        var name = SegmentHeader.FileName(ordinal);
        var file = disk.Open(name);
        var segment = new Segment(ordinal, file) { Capacity = options.SegmentBytes };
        try
        {
            var header = new byte[SegmentHeader.Bytes];
            new SegmentHeader(log, ordinal, Microseconds(time.GetUtcNow())).Write(header);
            file.Write(header, 0);
            await ExtendAsync(segment);
            disk.SyncDirectory();
        }
        catch
        {
            file.Dispose();
            throw;
        }
        lock (state.Gate) _ahead.Add(segment);
    }

    async ValueTask ExtendAsync(Segment segment)
    {
        // A handle of its own: the system reports a failed write-back once per handle, and must not report the writer's only to us.
        using var file = disk.Open(segment.Name);
        var from = Math.Max(segment.Prepared, SegmentHeader.Bytes);
        var to = Math.Min(segment.Prepared + options.PrepareBytes, segment.Capacity);
        for (var at = from; at < to; at += Zeros.Length)
            file.Write(Zeros.AsSpan(0, (int)Math.Min(Zeros.Length, to - at)), at);
        try
        {
            await file.SyncAsync();
        }
        catch (DiskFullException e)
        {
            // The failed sync may have dropped a batch's pages along with the zeros, so this is not a mere lack of room.
            throw new IOException($"{segment.Name} could not be synced for lack of space.", e);
        }
        lock (state.Gate) segment.Prepared = to;
    }

    static long Microseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
