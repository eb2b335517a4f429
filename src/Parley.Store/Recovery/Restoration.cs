using System.Buffers;
using Parley.Store.Disks;
using Parley.Store.Erasing;
using Parley.Store.Keys;
using Parley.Store.Retention;
using Parley.Store.Segments;

namespace Parley.Store.Recovery;

/// <summary>Makes a surveyed directory ready for appending. Interrupted at any point, it can be done again.</summary>
sealed class Restoration(IDisk disk, LogState state, LogOptions options, Survey survey)
{
    const int ChunkBytes = 64 << 10;
    static readonly string[] Leftovers = [".index.new", ".keys.new", ".snapshot.new", ".segment.new", ".aside.new", ErasuresFile.TemporaryName, BeginningFile.TemporaryName];

    public async ValueTask RunAsync(EpochFile next)
    {
        await next.WriteAsync(disk);
        DeleteLeftovers();
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            foreach (var segment in state.Segments) await MendAsync(segment, isLast: segment == state.Current, buffer);
            foreach (var segment in survey.Ahead) await MendAsync(segment, isLast: true, buffer);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        await IndexAsync(next.Log);
    }

    void DeleteLeftovers()
    {
        // What was dropped, the oldest first; that the log begins later is durable before the first of it goes.
        if (Dropper.NamesBefore(disk, state.Beginning) is { Count: > 0 } dropped)
        {
            disk.SyncDirectory();
            dropped.ForEach(disk.Delete);
        }
        // The last segment is appended to again, so an index of it would be wrong later, and so would its keys.
        foreach (var name in disk.List())
        {
            var isStale = (IndexHeader.TryParseName(name, out var ordinal) || KeysHeader.TryParseName(name, out ordinal)) && ordinal >= state.Current.Ordinal;
            if (isStale || Leftovers.Any(end => name.EndsWith(end, StringComparison.Ordinal))) disk.Delete(name);
        }
    }

    async ValueTask MendAsync(Segment segment, bool isLast, byte[] buffer)
    {
        var changed = Rewrite(segment, buffer) | RewriteHeader(segment);
        if (isLast)
        {
            changed |= Clear(segment, buffer);
            segment.Capacity = Math.Max(options.SegmentBytes, segment.Prepared);
            // The power may have gone within the last step, so that step is taken again.
            segment.Prepared = Math.Max(segment.End, segment.Prepared - options.PrepareBytes);
        }
        else segment.Capacity = segment.Prepared;
        if (changed) await segment.File.SyncAsync();
    }

    /// <summary>Writes again what was readable without being known to be synced. A sync alone would prove nothing: an earlier one may have failed.</summary>
    bool Rewrite(Segment segment, byte[] buffer)
    {
        if (segment.Tail is not { } tail || segment.Last <= survey.Synced || tail.BatchCount == 0) return false;
        for (var at = tail.BatchAt(Math.Max(segment.First, survey.Synced + 1)); at < segment.End;)
        {
            var bytes = buffer.AsSpan(0, (int)Math.Min(ChunkBytes, segment.End - at));
            var read = segment.File.Read(bytes, at);
            if (read == 0) throw new IOException($"{segment.Name} ends at {at} where it went on a moment ago.");
            segment.File.Write(bytes[..read], at);
            at += read;
        }
        return true;
    }

    /// <summary>Likewise the header of a segment in which nothing is known to be synced: it was read, but the sync it was prepared with may have failed.</summary>
    bool RewriteHeader(Segment segment)
    {
        if (segment.First > 0 && segment.First <= survey.Synced) return false;
        Span<byte> header = stackalloc byte[SegmentHeader.Bytes];
        if (segment.File.Read(header, 0) < header.Length) throw new IOException($"{segment.Name} ends within its header, which was whole a moment ago.");
        segment.File.Write(header, 0);
        return true;
    }

    /// <summary>Nothing of a batch that was cut may lie where the next one is written: its remains would look like a claim.</summary>
    static bool Clear(Segment segment, byte[] buffer)
    {
        var changed = false;
        for (var at = segment.End; at < segment.Prepared;)
        {
            var bytes = buffer.AsSpan(0, (int)Math.Min(ChunkBytes, segment.Prepared - at));
            bytes = bytes[..segment.File.Read(bytes, at)];
            if (bytes.IsEmpty) break;
            if (bytes.ContainsAnyExcept((byte)0))
            {
                bytes.Clear();
                segment.File.Write(bytes, at);
                changed = true;
            }
            at += bytes.Length;
        }
        return changed;
    }

    async ValueTask IndexAsync(ulong log)
    {
        foreach (var segment in state.Segments)
        {
            if (segment.Tail is null || segment == state.Current) continue;
            try
            {
                segment.Seal(await SegmentIndexWriter.WriteAsync(disk, log, segment, state.Feeds));
            }
            catch (DiskFullException) when (state.Segments.All(later => later.Ordinal < segment.Ordinal || later.Tail is not null))
            {
                // The newest serve from memory as well, and upkeep tries again. An older one can't: its feeds' later parts, read from
                // index files, know it by ordinal only.
                return;
            }
        }
    }
}
