using Parley.Store.Disks;
using Parley.Store.Reads;
using Parley.Store.Segments;

namespace Parley.Store.Erasing;

/// <summary>Replaces bodies of an open log; see <see cref="Log.OverwriteAsync"/>. What a crash leaves half done, <see cref="PendingErasures"/> completes.</summary>
sealed class Overwriter(IDisk disk, ulong log, LogState state, LogReader reader, Upkeep upkeep, Failure failure) : IDisposable
{
    readonly SemaphoreSlim _one = new(1, 1);

    readonly record struct Target(Segment Segment, long Offset, Overwrite Overwrite);

    public async ValueTask RunAsync(IReadOnlyList<Replacement> replacements, CancellationToken cancellation)
    {
        if (replacements.Count == 0) return;
        RefuseUnbounded(replacements);
        await _one.WaitAsync(cancellation);
        try
        {
            // What is not synced may be gone after a power cut, and another record in its place when the file is found.
            await upkeep.SyncUpToAsync(replacements.Max(one => one.Position));
            // What was dropped since has nothing to overwrite.
            var targets = replacements.Where(one => one.Position >= state.Beginning.First).Select(TargetOf).ToList();
            if (targets.Count == 0) return;
            await PrepareAsync([.. targets.Select(one => one.Overwrite)], cancellation);
            await CompleteAsync(targets);
        }
        finally
        {
            _one.Release();
        }
    }

    void RefuseUnbounded(IReadOnlyList<Replacement> replacements)
    {
        if (replacements.Count > Replacement.MaxCount) throw Refused($"{replacements.Count} replacements; at most {Replacement.MaxCount} at once");
        var positions = new HashSet<long>();
        var bytes = 0L;
        foreach (var (position, body) in replacements)
        {
            if (position < 1 || position > state.Committed) throw Refused($"position {position} is not committed");
            if (!positions.Add(position)) throw Refused($"position {position} is named twice");
            if (body.Length < Replacement.MinBodyBytes) throw Refused($"the body at position {position} has {body.Length} bytes; at least {Replacement.MinBodyBytes} are needed");
            bytes += body.Length;
        }
        if (bytes > Replacement.MaxBytesTogether && replacements.Count > 1) throw Refused($"{bytes} bytes; at most {Replacement.MaxBytesTogether} at once");
    }

    Target TargetOf(Replacement replacement)
    {
        var place = reader.Place(replacement.Position);
        if (replacement.Body.Length != place.Length)
            throw Refused($"the body at position {replacement.Position} has {place.Length} bytes, its replacement {replacement.Body.Length}");
        var body = replacement.Body.ToArray();
        Crc32C.Force(body, place.Crc);
        return new Target(place.Segment, place.Offset, new Overwrite(replacement.Position, place.Segment.Ordinal, place.Header, body));
    }

    async ValueTask PrepareAsync(IReadOnlyList<Overwrite> overwrites, CancellationToken cancellation)
    {
        try
        {
            await ErasuresFile.PrepareAsync(disk, log, overwrites);
            cancellation.ThrowIfCancellationRequested();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            Abandon();
            throw;
        }
    }

    void Abandon()
    {
        try
        {
            if (disk.List().Contains(ErasuresFile.TemporaryName)) disk.Delete(ErasuresFile.TemporaryName);
        }
        catch (IOException)
        {
            // It doesn't count under this name, and the next start deletes it.
        }
    }

    async ValueTask CompleteAsync(IReadOnlyList<Target> targets)
    {
        // From here on a crash leaves something to complete, so whatever fails is left to a start.
        failure.ThrowIfSet();
        try
        {
            disk.Rename(ErasuresFile.TemporaryName, ErasuresFile.Name);
            disk.SyncDirectory();
            foreach (var target in targets)
            {
                lock (state.Overwriting) target.Segment.File.Write(target.Overwrite.Body.Span, target.Offset);
            }
            foreach (var segment in targets.Select(target => target.Segment).Distinct()) await segment.File.SyncAsync();
            disk.Delete(ErasuresFile.Name);
            disk.SyncDirectory();
        }
        catch (IOException e)
        {
            failure.Set("overwriting bodies failed; a restart completes it", e);
            throw new LogReadOnlyException(failure.Reason, e);
        }
    }

    public void Dispose() => _one.Dispose();

    static ArgumentException Refused(string what) => new($"Nothing was overwritten: {what}.");
}
