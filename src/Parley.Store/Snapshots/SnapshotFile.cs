using System.Security.Cryptography;
using Parley.Store.Disks;
using Parley.Store.Feeds;
using Parley.Store.Segments;

namespace Parley.Store.Snapshots;

/// <summary>An open snapshot file of which header and trailer are whole; the blocks between are verified as they are read.</summary>
sealed class SnapshotFile : IDisposable
{
    readonly IDiskFile _file;

    SnapshotFile(string name, IDiskFile file, in SnapshotHeader header, in SnapshotTrailer trailer)
        => (Name, _file, Header, Trailer) = (name, file, header, trailer);

    public string Name { get; }

    /// <summary>The file as it lies there, for copying.</summary>
    public IDiskFile Bytes => _file;
    public SnapshotHeader Header { get; }
    public SnapshotTrailer Trailer { get; }

    /// <returns>Null when the file was never complete, lost its end or is of another version.</returns>
    public static SnapshotFile? TryOpen(IDisk disk, string name)
    {
        var file = disk.Open(name);
        SnapshotFile? snapshot = null;
        try
        {
            if (SnapshotHeader.TryRead(file, out var header) && SnapshotTrailer.TryRead(file, header, out var trailer))
                snapshot = new SnapshotFile(name, file, header, trailer);
            return snapshot;
        }
        finally
        {
            if (snapshot is null) file.Dispose();
        }
    }

    /// <summary>All feed heads, by app and feed.</summary>
    /// <exception cref="CorruptSnapshotException">While they are read.</exception>
    public IEnumerable<HeadRow> Heads()
    {
        using var blocks = new BlockReader(_file, Name, SnapshotHeader.Bytes, Header.BodyOffset, ordinal: 0);
        var count = 0;
        FeedKey? before = null;
        while (true)
        {
            var content = blocks.Next();
            if (content.IsEmpty) break;
            if (content.Length % HeadRow.Bytes != 0) throw blocks.Corrupt("a head is cut");
            for (var at = 0; at < content.Length; at += HeadRow.Bytes)
            {
                var head = HeadRow.Read(content.Span[at..]);
                if (before is { } smaller && FeedRow.Compare(smaller, head.Key) >= 0) throw blocks.Corrupt("the heads are out of order");
                before = head.Key;
                yield return head;
            }
            count += content.Length / HeadRow.Bytes;
        }
        if (count != Header.Heads) throw blocks.Corrupt($"there are {count} heads where the header says {Header.Heads}");
    }

    /// <param name="owner">Disposed with the stream.</param>
    public Stream OpenBody(IDisposable? owner = null)
        => new SnapshotBodyReader(new BlockReader(_file, Name, Header.BodyOffset, Header.TrailerOffset, HeadBlocks), Header.BodyBytes, owner);

    uint HeadBlocks => (uint)((((long)Header.Heads * HeadRow.Bytes) + BlockWriter.MaxContentBytes - 1) / BlockWriter.MaxContentBytes);

    /// <summary>Reads every byte.</summary>
    /// <exception cref="CorruptSnapshotException">One is not as it was written.</exception>
    public void Verify()
    {
        foreach (var _ in Heads())
        {
        }
        using var body = OpenBody();
        if (!SHA256.HashData(body).AsSpan().SequenceEqual(Trailer.Digest)) throw new CorruptSnapshotException(Name, Header.TrailerOffset, "the body does not give its digest");
    }

    public void Dispose() => _file.Dispose();
}
