using Parley.Store.Disks;

namespace Parley.Store.Replication;

/// <summary>Batches that came over a wire, for whoever reads files.</summary>
sealed class BatchesInMemory(ReadOnlyMemory<byte> bytes) : IDiskFile
{
    public long Length => bytes.Length;

    public int Read(Span<byte> buffer, long offset)
    {
        var count = (int)Math.Clamp(bytes.Length - offset, 0, buffer.Length);
        bytes.Span.Slice((int)Math.Min(offset, bytes.Length), count).CopyTo(buffer);
        return count;
    }

    public void Write(ReadOnlySpan<byte> written, long offset) => throw new NotSupportedException();

    public void SetLength(long length) => throw new NotSupportedException();

    public ValueTask SyncAsync() => throw new NotSupportedException();

    public void Dispose()
    {
        // It holds nothing.
    }
}
