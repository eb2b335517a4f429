using Parley.Store.Checks;
using Parley.Store.Disks;
using Parley.Store.Reads;
using Parley.Store.Retention;

namespace Parley.Store.Snapshots;

/// <summary>The snapshots of an open log: which there are, which serve, and what becomes of them when a new one is complete.</summary>
sealed class SnapshotSet
{
    const int Kept = 2;

    /// <summary>A snapshot that was whole when last looked at. Whether it is of this log's records is asked when it matters: that may cost reads.</summary>
    sealed record Entry(string Name, LogPoint At, LogPoint HeadsAt)
    {
        public bool? IsOfThisLog { get; set; }
    }

    readonly IDisk _disk;
    readonly ulong _log;
    readonly LogState _state;
    readonly LogReader _reader;
    readonly Upkeep _upkeep;
    readonly Lock _gate = new();
    // Newest first.
    readonly List<Entry> _entries = [];
    int _isWriting;
    long _position;

    /// <param name="found">Those that are whole.</param>
    public SnapshotSet(IDisk disk, ulong log, LogState state, LogReader reader, Upkeep upkeep, IEnumerable<(string Name, SnapshotHeader Header)> found)
    {
        (_disk, _log, _state, _reader, _upkeep) = (disk, log, state, reader, upkeep);
        _entries.AddRange(found.OrderByDescending(one => one.Header.At.Position).Select(one => new Entry(one.Name, one.Header.At, one.Header.HeadsAt)));
        Publish();
    }

    /// <summary>Position of the newest that serves; 0 without.</summary>
    public long Position => Volatile.Read(ref _position);

    public SnapshotReader? Open(long before)
    {
        lock (_gate)
        {
            // Opened under the gate: a name that was deleted meanwhile would come to life again, empty.
            foreach (var entry in _entries.Where(one => one.At.Position < before && IsOfThisLog(one)).ToList())
            {
                if (SnapshotFile.TryOpen(_disk, entry.Name) is { } file) return new SnapshotReader(file);
                Drop(entry);
            }
            return null;
        }
    }

    /// <summary>Opens whatever lies there under a snapshot's name; null where it is none.</summary>
    public IReadOnlyList<(string Name, SnapshotFile? File)> OpenAll()
    {
        lock (_gate) return SnapshotCheck.Open(_disk);
    }

    /// <param name="at">The last record of a sealed segment, or the last committed one.</param>
    public SnapshotWriter Begin(LogPoint at)
    {
        if (Interlocked.Exchange(ref _isWriting, 1) == 1) throw new InvalidOperationException("A snapshot is being written; complete or dispose it before beginning another.");
        IDiskFile? file = null;
        try
        {
            file = _disk.Open(TemporaryName(at.Position));
            while (true)
            {
                file.SetLength(0);
                var older = HeadsBefore(at.Position);
                try
                {
                    return Begin(at, file, older);
                }
                catch (CorruptSnapshotException e) when (older is not null)
                {
                    lock (_gate) Drop(_entries.First(entry => entry.Name == e.File));
                }
                finally
                {
                    older?.Dispose();
                }
            }
        }
        catch
        {
            file?.Dispose();
            Abandon(at.Position);
            throw;
        }
    }

    SnapshotWriter Begin(LogPoint at, IDiskFile file, SnapshotFile? older)
    {
        var blocks = new BlockWriter(file, SnapshotHeader.Bytes);
        var sealedOnes = _state.Segments.Where(segment => segment.Index is not null && segment.Last <= at.Position).ToList();
        var last = sealedOnes.LastOrDefault();
        var header = new SnapshotHeader
        {
            Log = _log,
            At = at,
            HeadsAt = last is null ? default : new LogPoint(last.Last, last.LastEpoch, last.LastTime),
            HeadsSegment = last?.Ordinal ?? 0,
        };
        List<IEnumerable<HeadRow>> parts = older is null ? [] : [older.Heads()];
        // Without an older one from the beginning on, and before that is what the file of it says.
        if (older is null) parts.Add(BeginningFile.Heads(_disk));
        parts.AddRange(sealedOnes.Where(segment => segment.Ordinal > (older?.Header.HeadsSegment ?? 0)).Select(HeadMerge.RowsOf));
        var row = new byte[HeadRow.Bytes];
        var count = 0;
        foreach (var head in HeadMerge.Merge(parts))
        {
            head.Write(row);
            blocks.Write(row);
            count++;
        }
        blocks.Flush();
        return new SnapshotWriter(this, file, blocks, header with { Heads = count });
    }

    /// <summary>The newest snapshot whose heads can be gone on from.</summary>
    SnapshotFile? HeadsBefore(long position)
    {
        lock (_gate)
        {
            foreach (var entry in _entries.ToList())
            {
                if (entry.HeadsAt.Position == 0 || entry.HeadsAt.Position > position || _state.PointAt(entry.HeadsAt.Position) != entry.HeadsAt) continue;
                if (SnapshotFile.TryOpen(_disk, entry.Name) is { } file) return file;
                Drop(entry);
            }
            return null;
        }
    }

    /// <summary>Lets what lies complete and synced under the temporary name count.</summary>
    public async ValueTask AddAsync(LogPoint at, CancellationToken cancellation)
    {
        // A snapshot must not outlive the records it was made from.
        await _upkeep.SyncUpToAsync(at.Position);
        SnapshotHeader header;
        using (var written = SnapshotFile.TryOpen(_disk, TemporaryName(at.Position)) ?? throw new IOException($"{TemporaryName(at.Position)} does not read back as it was written."))
        {
            written.Verify();
            header = written.Header;
        }
        cancellation.ThrowIfCancellationRequested();
        var entry = new Entry(SnapshotHeader.FileName(at.Position), header.At, header.HeadsAt) { IsOfThisLog = true };
        lock (_gate)
        {
            _disk.Rename(TemporaryName(at.Position), entry.Name);
            _entries.RemoveAll(one => one.Name == entry.Name);
            _entries.Insert(_entries.TakeWhile(one => one.At.Position > at.Position).Count(), entry);
        }
        _disk.SyncDirectory();
        Prune(entry);
        Publish();
    }

    /// <summary>Deletes what the new one makes superfluous. The directory's next sync makes that durable; until then nothing is lost by it.</summary>
    void Prune(Entry newest)
    {
        lock (_gate)
        {
            var kept = _entries.Where(IsOfThisLog).Take(Kept).Append(newest).Select(entry => entry.Name).ToHashSet();
            _entries.RemoveAll(entry => !kept.Contains(entry.Name));
            foreach (var name in _disk.List())
            {
                if (SnapshotHeader.TryParseName(name, out _) && !kept.Contains(name)) _disk.Delete(name);
            }
        }
    }

    /// <summary>Deletes those that stand before one, for good.</summary>
    public void DropBefore(long position)
    {
        lock (_gate)
        {
            if (!_entries.Any(entry => entry.At.Position == position && IsOfThisLog(entry)))
                throw new ArgumentException($"There is no snapshot at position {position}; the older ones may be needed.", nameof(position));
            // Once segments were dropped there is nothing but snapshots to make the state from, so one alone is too few: the next one lets the older go.
            if (!_state.Beginning.IsOfAll && CountFrom(position) < Kept) return;
            _entries.RemoveAll(entry => entry.At.Position < position);
            foreach (var name in _disk.List())
            {
                if (SnapshotHeader.TryParseName(name, out var older) && older < position) _disk.Delete(name);
            }
        }
        _disk.SyncDirectory();
    }

    /// <summary>Reads the newest two to the last byte.</summary>
    /// <returns>Position of the older one; 0 when there are not two that are whole.</returns>
    public long VerifiedPosition()
    {
        lock (_gate)
        {
            var (count, position) = (0, 0L);
            foreach (var entry in _entries.Where(IsOfThisLog).ToList())
            {
                if (!IsWhole(entry)) Drop(entry);
                else position = entry.At.Position;
                if (_entries.Contains(entry) && ++count == Kept) return position;
            }
            return 0;
        }
    }

    bool IsWhole(Entry entry)
    {
        using var file = SnapshotFile.TryOpen(_disk, entry.Name);
        try
        {
            file?.Verify();
            return file is not null;
        }
        catch (CorruptSnapshotException)
        {
            return false;
        }
    }

    /// <summary>Lets the log begin later, unless meanwhile there are no two snapshots any more that hold what is before. Those that hold less serve no more.</summary>
    public bool TryBegin(Beginning beginning, Action begin)
    {
        lock (_gate)
        {
            if (CountFrom(beginning.Before.Position) < Kept) return false;
            begin();
            _entries.RemoveAll(entry => entry.At.Position < beginning.Before.Position);
            return true;
        }
    }

    int CountFrom(long position) => _entries.Count(entry => entry.At.Position >= position && IsOfThisLog(entry));

    public void Abandon(long position)
    {
        try
        {
            if (_disk.List().Contains(TemporaryName(position))) _disk.Delete(TemporaryName(position));
        }
        catch (IOException)
        {
            // It doesn't count under this name, and the next start deletes it.
        }
        Release();
    }

    public void Release() => Volatile.Write(ref _isWriting, 0);

    bool IsOfThisLog(Entry entry) => entry.IsOfThisLog ??= _reader.Holds(entry.At);

    void Drop(Entry entry)
    {
        _entries.Remove(entry);
        Publish();
    }

    void Publish()
    {
        lock (_gate) Volatile.Write(ref _position, _entries.FirstOrDefault(IsOfThisLog)?.At.Position ?? 0);
    }

    static string TemporaryName(long position) => SnapshotHeader.FileName(position) + ".new";
}
