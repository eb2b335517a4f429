using System.Runtime.CompilerServices;
using Parley.Store.Disks;
using Parley.Store.Reads;
using Parley.Store.Segments;

namespace Parley.Store.Keys;

/// <summary>Finds records by key, segment by segment from the newest back. A full segment has a file of keys; whoever misses one, or finds it damaged, builds it from the segment.</summary>
/// <remarks>Nothing of it is on the writer's path: what was committed is read back beside it.</remarks>
sealed class SegmentKeys(IDisk disk, ulong log, LogState state, LogReader reader, Failure failure) : IDisposable
{
    // Held while keys are built or the tail is read on: by one at a time, and the others find it done.
    readonly SemaphoreSlim _one = new(1, 1);
    readonly Dictionary<int, TailKeys> _tails = [];
    readonly Lock _gate = new();
    readonly Dictionary<int, KeysFile> _files = [];
    // Damaged ones, which somebody may still be reading.
    readonly List<KeysFile> _replaced = [];
    volatile RecordKeys? _keys;
    // Names of files that may be there.
    HashSet<int> _written = [];
    // Ordinal of the first segment that upkeep has not seen full yet.
    int _next;

    public void Use(RecordKeys keys)
    {
        if (_keys == keys) return;
        if (_keys is not null) throw new InvalidOperationException("The log has other keys already.");
        _written = [.. disk.List().Select(static name => KeysHeader.TryParseName(name, out var ordinal) ? ordinal : 0)];
        _next = state.Segments.FirstOrDefault(segment => segment.Index is null)?.Ordinal ?? 0;
        _keys = keys;
    }

    /// <summary>See <see cref="Log.FindByKeyAsync"/>.</summary>
    public async IAsyncEnumerable<LogRecord> FindAsync(ulong key, long sinceTime, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var segments = state.Segments;
        for (var i = segments.Length - 1; i >= 0; i--)
        {
            var segment = segments[i];
            var (isEmpty, lastTime) = EndOf(segment);
            if (isEmpty) continue;
            if (lastTime < sinceTime || IsDropped(segment)) break;
            foreach (var record in await RecordsAsync(segment, key, sinceTime, cancellation)) yield return record;
        }
    }

    async ValueTask<IReadOnlyList<LogRecord>> RecordsAsync(Segment segment, ulong key, long sinceTime, CancellationToken cancellation)
    {
        try
        {
            var offsets = await OffsetsAsync(segment, key, cancellation);
            return [.. offsets.Reverse().Select(offset => reader.ReadAt(segment, offset)).Where(record => record.Time >= sinceTime)];
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException && IsDropped(segment))
        {
            return [];
        }
    }

    bool IsDropped(Segment segment) => segment.Ordinal < state.Beginning.Segment;

    (bool IsEmpty, long LastTime) EndOf(Segment segment)
    {
        // A full one changes no more, and there may be a thousand: the gate is the writer's.
        if (segment.Index is not null) return (false, segment.LastTime);
        lock (state.Gate) return (segment.Last < segment.First, segment.LastTime);
    }

    async ValueTask<IReadOnlyList<uint>> OffsetsAsync(Segment segment, ulong key, CancellationToken cancellation)
    {
        // A segment that is full stays so: what is seen here without the lock is good.
        var file = segment.Index is null ? null : Open(segment);
        if (file is not null)
        {
            try
            {
                return file.Find(key);
            }
            catch (IOException)
            {
                // Damaged: whatever it holds is in its segment too.
                Discard(file);
            }
        }

        // Without the token: a wait that can be cancelled goes on on another thread than this one's scheduler.
        await _one.WaitAsync(CancellationToken.None);
        try
        {
            cancellation.ThrowIfCancellationRequested();
            if (segment.Index is null) return CatchUp(segment).Find(key);
            return (Open(segment) ?? await BuildAsync(segment)).Find(key);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Writes the files of segments that became full and reads the tail on, so that a search needs to read little of it.</summary>
    public async ValueTask TendAsync(CancellationToken stopping)
    {
        if (_keys is null || failure.IsSet) return;
        await _one.WaitAsync(CancellationToken.None);
        try
        {
            Close();
            foreach (var segment in state.Segments.Where(segment => segment.Ordinal >= _next && !stopping.IsCancellationRequested)) await TendAsync(segment);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Closes the files of segments that were dropped. Who still reads one finds that out.</summary>
    void Close()
    {
        lock (_gate)
        {
            foreach (var ordinal in _files.Keys.Where(ordinal => ordinal < state.Beginning.Segment).ToArray())
            {
                _files.Remove(ordinal, out var file);
                file!.Dispose();
            }
        }
    }

    async ValueTask TendAsync(Segment segment)
    {
        try
        {
            if (segment.Index is null)
            {
                CatchUp(segment);
                return;
            }

            _next = segment.Ordinal + 1;
            if (Open(segment) is null) await BuildAsync(segment);
        }
        catch (IOException)
        {
            // Whoever needs these keys tries again, and is told when it fails.
        }
    }

    TailKeys CatchUp(Segment segment)
    {
        long end;
        lock (state.Gate) end = segment.End;
        if (!_tails.TryGetValue(segment.Ordinal, out var tail)) _tails[segment.Ordinal] = tail = new TailKeys();
        tail.ReadTo(end, segment, (long)log, _keys!.Of, state.Overwriting);
        return tail;
    }

    async ValueTask<KeysFile> BuildAsync(Segment segment)
    {
        failure.ThrowIfSet();
        var rows = CatchUp(segment).Rows();
        _tails.Remove(segment.Ordinal);
        var name = KeysHeader.FileName(segment.Ordinal);
        await SegmentIndexWriter.WriteFileAsync(disk, name, KeysFile.Build(KeysHeader.Of(log, segment, _keys!.Version, rows.Length), rows));
        lock (_gate) _written.Add(segment.Ordinal);
        return Open(segment) ?? throw new IOException($"{name} does not read back as it was written.");
    }

    /// <summary>The segment's keys, when they are there and speak of what it holds.</summary>
    KeysFile? Open(Segment segment)
    {
        lock (_gate)
        {
            if (_files.TryGetValue(segment.Ordinal, out var file)) return file;
            if (!_written.Contains(segment.Ordinal) || KeysFile.TryOpen(disk, segment.Ordinal) is not { } found) return null;
            if (found.Header == KeysHeader.Of(log, segment, _keys!.Version, found.Header.Rows)) return _files[segment.Ordinal] = found;
            found.Dispose();
            return null;
        }
    }

    void Discard(KeysFile file)
    {
        lock (_gate)
        {
            if (!_files.TryGetValue(file.Header.Ordinal, out var present) || present != file) return;
            _files.Remove(file.Header.Ordinal);
            _replaced.Add(file);
            disk.Delete(KeysHeader.FileName(file.Header.Ordinal));
        }
    }

    public void Dispose()
    {
        _one.Dispose();
        foreach (var file in _files.Values.Concat(_replaced)) file.Dispose();
    }
}
