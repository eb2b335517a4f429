using Parley.Store.Recovery;
using Parley.Store.Segments;

namespace Parley.Store.Replication;

/// <summary>Appends batches that another log numbered and sealed, as they are. Used by one thread.</summary>
/// <param name="raiseEpoch">Called before a batch of a later epoch is written, for an epoch in a segment must have been given out.</param>
/// <param name="published">Called when readers see more.</param>
sealed class BatchAppender(LogState state, Upkeep upkeep, Failure failure, LogOptions options, ulong log, Func<ulong, ValueTask> raiseEpoch, Action published)
{
    readonly BatchFilings _filings = new(state.Feeds);
    // Written to one segment, not yet synced.
    readonly List<Written> _run = [];

    readonly record struct Written(BatchHeader Header, ReadOnlyMemory<byte> RecordHeaders, int[] Filed);

    /// <returns>False when the disk is full.</returns>
    public async ValueTask<bool> AppendAsync(ReadOnlyMemory<byte> batches, CancellationToken cancellation)
    {
        using var scanner = new BatchScanner(new BatchesInMemory(batches));
        for (var offset = 0L; offset < batches.Length;)
        {
            failure.ThrowIfSet();
            cancellation.ThrowIfCancellationRequested();
            // Of a chunk that was cut short by a full disk the beginning is here.
            if (scanner.TryReadHeader(offset, out var header) && header.Log == log && header.Last <= state.Committed) offset += header.TotalBytes;
            else if (upkeep.Place() is { } segment) offset = await AppendRunAsync(segment, batches, scanner, offset);
            else if (!await upkeep.MakeRoomAsync(cancellation)) return false;
        }

        return true;
    }

    /// <summary>As many batches as the segment has prepared room for share a sync.</summary>
    async ValueTask<long> AppendRunAsync(Segment segment, ReadOnlyMemory<byte> batches, BatchScanner scanner, long offset)
    {
        var end = segment.End;
        var (last, epoch, time) = (state.Committed, state.LastEpoch, state.LastTime);
        string? problem = null;
        _run.Clear();
        while (offset < batches.Length && end + options.MaxBatchBytes <= Math.Min(segment.Prepared, segment.Capacity))
        {
            problem = Problem(scanner, offset, last, epoch, time);
            if (problem is not null) break;
            var header = scanner.Header;
            if (header.Epoch > epoch) await raiseEpoch(header.Epoch);
            if (_filings.FileAll(scanner.RecordHeaders) is { } gap)
            {
                problem = gap.Problem;
                break;
            }

            Write(segment, scanner.Bytes, end, header);
            _run.Add(new Written(header, batches.Slice((int)offset + BatchHeader.Bytes, header.HeaderBytes), _filings.Filed.ToArray()));
            (last, epoch, time) = (header.Last, header.Epoch, new RecordHeader(LastRecord(scanner.RecordHeaders)).Time);
            end += header.TotalBytes;
            offset += header.TotalBytes;
        }

        await PublishAsync(segment, last);
        return problem is null ? offset : throw new ReplicaException(problem);
    }

    string? Problem(BatchScanner scanner, long offset, long last, ulong epoch, long time)
    {
        if (!scanner.TryRead(offset)) return $"{scanner.Problem} after position {last}";
        var header = scanner.Header;
        if (header.Log != log) return $"the batch is of log {header.Log:x16}, not of {log:x16}";
        if (header.First != last + 1) return $"the batch begins at position {header.First} where {last + 1} is next";
        if (header.PreviousEpoch != epoch || header.Epoch < epoch || header.Time <= time)
            return $"the batch at position {header.First} follows epoch {header.PreviousEpoch} where the last is of {epoch}: the logs have diverged";
        return header.TotalBytes > options.MaxBatchBytes ? $"the batch at position {header.First} has {header.TotalBytes} bytes; raise {nameof(LogOptions.MaxBatchBytes)} to the leader's" : null;
    }

    void Write(Segment segment, ReadOnlySpan<byte> bytes, long end, in BatchHeader header)
    {
        try
        {
            segment.File.Write(bytes, end);
        }
        catch (IOException e)
        {
            throw Failed($"copying positions {header.First} to {header.Last} to {segment.Name} failed", e);
        }
    }

    async ValueTask PublishAsync(Segment segment, long last)
    {
        if (_run.Count == 0) return;
        try
        {
            await upkeep.SyncAsync(segment, last);
        }
        catch (IOException e)
        {
            throw Failed($"syncing positions up to {last} in {segment.Name} failed", e);
        }

        failure.ThrowIfSet();
        lock (state.Gate)
        {
            if (segment != state.Current) upkeep.Roll();
            foreach (var (header, recordHeaders, filed) in _run) state.Publish(header.First, header.Epoch, recordHeaders.Span, header.TotalBytes, filed);
        }

        published();
    }

    LogReadOnlyException Failed(string reason, IOException e)
    {
        failure.Set(reason, e);
        return new LogReadOnlyException(failure.Reason, e);
    }

    static ReadOnlySpan<byte> LastRecord(ReadOnlySpan<byte> recordHeaders)
    {
        var at = 0;
        for (var size = 0; at + size < recordHeaders.Length; size = RecordHeader.Size(new RecordHeader(recordHeaders[at..]).FeedCount)) at += size;
        return recordHeaders[at..];
    }
}
