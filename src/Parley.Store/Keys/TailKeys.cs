using Parley.Store.Feeds;
using Parley.Store.Segments;

namespace Parley.Store.Keys;

/// <summary>The keys of a segment that has no keys file yet, read from it as far as anybody asked: bounded by what a segment holds. For one thread at a time.</summary>
sealed class TailKeys
{
    const int SmallestTable = 64;

    struct Entry
    {
        public ulong Key;
        public uint Offset;

        /// <summary>Index + 1 of the entry before in the same bucket; 0 for none.</summary>
        public int Earlier;
    }

    readonly Chunks<Entry> _entries = new();
    int[] _buckets = new int[SmallestTable];
    Filing[] _filings = new Filing[16];

    /// <summary>Up to here the segment's batches were read.</summary>
    public long End { get; private set; } = SegmentHeader.Bytes;

    /// <summary>Reads on up to <paramref name="end"/>.</summary>
    /// <exception cref="CorruptRecordException">A batch on the way fails a checksum.</exception>
    public void ReadTo(long end, Segment segment, long log, RecordKey keyOf, Lock overwriting)
    {
        if (End >= end) return;
        using var scanner = new BatchScanner(segment.File, overwriting, end);
        while (End < end)
        {
            if (!scanner.TryRead(End)) throw new CorruptRecordException(segment.Name, End, 0, 0);
            AddBatch(scanner.Bytes, scanner.Header, log, keyOf);
            End += scanner.Header.TotalBytes;
        }
    }

    void AddBatch(ReadOnlySpan<byte> batch, in BatchHeader header, long log, RecordKey keyOf)
    {
        var at = BatchHeader.Bytes;
        for (var i = 0; i < header.Count; i++)
        {
            var record = new RecordHeader(batch[at..]);
            if (_filings.Length < record.FeedCount) _filings = new Filing[RecordHeader.MaxFeeds];
            for (var feed = 0; feed < record.FeedCount; feed++) _filings[feed] = record[feed];
            var key = keyOf(log, record.Type, record.App, _filings.AsSpan(0, record.FeedCount), batch.Slice(at + record.BodyDistance, record.BodyLength));
            if (key != 0) Add(key, checked((uint)(End + at)));
            at += RecordHeader.Size(record.FeedCount);
        }
    }

    void Add(ulong key, uint offset)
    {
        if (_entries.Count == _buckets.Length) Grow();
        ref var bucket = ref _buckets[BucketOf(key)];
        bucket = _entries.Add(new Entry { Key = key, Offset = offset, Earlier = bucket }) + 1;
    }

    void Grow()
    {
        _buckets = new int[_buckets.Length * 2];
        for (var i = 0; i < _entries.Count; i++)
        {
            ref var bucket = ref _buckets[BucketOf(_entries[i].Key)];
            (_entries[i].Earlier, bucket) = (bucket, i + 1);
        }
    }

    int BucketOf(ulong key) => (int)(key & (ulong)(_buckets.Length - 1));

    /// <summary>Where the headers of records with this key lie, ascending.</summary>
    public List<uint> Find(ulong key)
    {
        var found = new List<uint>();
        for (var link = _buckets[BucketOf(key)]; link != 0; link = _entries[link - 1].Earlier)
            if (_entries[link - 1].Key == key) found.Add(_entries[link - 1].Offset);
        found.Reverse();
        return found;
    }

    public KeyRow[] Rows()
    {
        var rows = new KeyRow[_entries.Count];
        for (var i = 0; i < rows.Length; i++) rows[i] = new KeyRow(_entries[i].Key, _entries[i].Offset);
        return rows;
    }
}
