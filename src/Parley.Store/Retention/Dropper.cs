using Parley.Store.Disks;
using Parley.Store.Keys;
using Parley.Store.Segments;
using Parley.Store.Snapshots;

namespace Parley.Store.Retention;

/// <summary>Drops whole segments from the beginning of an open log; see <see cref="Log.DropBeforeAsync"/>.</summary>
/// <remarks>The new beginning is written, synced and renamed first. From then on the files before it mean nothing, so that a crash on the way leaves only files to delete.</remarks>
sealed class Dropper(IDisk disk, ulong log, LogState state, SnapshotSet snapshots, Failure failure) : IDisposable
{
    const int FeedsAtOnce = 512;

    readonly SemaphoreSlim _one = new(1, 1);
    readonly Lock _gate = new();
    // Closed by the next call: whoever still reads one of them began before it was dropped.
    readonly List<Segment> _dropped = [];
    int _holds;

    /// <summary>Until disposed no file is taken from under whoever reads the directory by names.</summary>
    public IDisposable Hold()
    {
        lock (_gate) _holds++;
        return new Held(this);
    }

    public async ValueTask<int> RunAsync(long before, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            foreach (var segment in _dropped) segment.Dispose();
            _dropped.Clear();
            if (failure.IsSet) return 0;
            DeleteGone();
            var going = Before(before);
            // Two of them, read to the last byte: from here on there is nothing else to make the state from.
            if (going.Count > 0) going = Before(Math.Min(before, snapshots.VerifiedPosition() + 1));
            return going.Count == 0 ? 0 : await DropAsync(going, cancellation);
        }
        finally
        {
            _one.Release();
        }
    }

    List<Segment> Before(long position) => [.. state.Segments.SkipLast(1).TakeWhile(segment => segment.Index is not null && segment.Last < position)];

    async ValueTask<int> DropAsync(List<Segment> going, CancellationToken cancellation)
    {
        var last = going[^1];
        var beginning = new Beginning(last.Ordinal + 1, new LogPoint(last.Last, last.LastEpoch, last.LastTime));
        try
        {
            await BeginningFile.PrepareAsync(disk, log, beginning, HeadMerge.Merge([BeginningFile.Heads(disk), .. going.Select(HeadMerge.RowsOf)]));
            cancellation.ThrowIfCancellationRequested();
            // The names of the snapshots must not be lost when those of the segments are.
            disk.SyncDirectory();
            lock (_gate)
            {
                if (_holds > 0 || !snapshots.TryBegin(beginning, () => Begin(beginning, going))) Abandon();
                else DeleteGone();
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException && state.Beginning != beginning)
        {
            Abandon();
            throw;
        }
        return state.Beginning == beginning ? going.Count : 0;
    }

    void Begin(Beginning beginning, List<Segment> going)
    {
        foreach (var segment in going) DropFeeds(segment);
        disk.Rename(BeginningFile.TemporaryName, BeginningFile.Name);
        lock (state.Gate) state.Drop(beginning);
        _dropped.AddRange(going);
    }

    /// <summary>Before the segments go, or a reader would look for records in them.</summary>
    void DropFeeds(Segment segment)
    {
        foreach (var rows in segment.Index!.Rows().Chunk(FeedsAtOnce))
        {
            lock (state.Gate)
            {
                foreach (var row in rows) state.Feeds.Drop(row.Key, row.Last);
            }
        }
    }

    /// <summary>Deletes what lies before the beginning, the oldest first, here or left by an earlier call.</summary>
    void DeleteGone()
    {
        lock (_gate)
        {
            if (_holds > 0 || NamesBefore(disk, state.Beginning) is not { Count: > 0 } names) return;
            disk.SyncDirectory();
            foreach (var name in names) disk.Delete(name);
            disk.SyncDirectory();
        }
    }

    /// <summary>Files of segments before a beginning, the oldest first and each index and keys file before its segment.</summary>
    public static List<string> NamesBefore(IDisk disk, Beginning beginning)
    {
        var names = new List<(int Ordinal, string Name)>();
        foreach (var name in disk.List())
        {
            if ((SegmentHeader.TryParseName(name, out var ordinal) || IndexHeader.TryParseName(name, out ordinal) || KeysHeader.TryParseName(name, out ordinal)) && ordinal < beginning.Segment) names.Add((ordinal, name));
        }
        return [.. names.Order().Select(one => one.Name)];
    }

    void Abandon()
    {
        try
        {
            if (disk.List().Contains(BeginningFile.TemporaryName)) disk.Delete(BeginningFile.TemporaryName);
        }
        catch (IOException)
        {
            // It doesn't count under this name, and the next start deletes it.
        }
    }

    public void Dispose()
    {
        foreach (var segment in _dropped) segment.Dispose();
        _one.Dispose();
    }

    sealed class Held(Dropper dropper) : IDisposable
    {
        Dropper? _dropper = dropper;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _dropper, null) is not { } held) return;
            lock (held._gate) held._holds--;
        }
    }
}
