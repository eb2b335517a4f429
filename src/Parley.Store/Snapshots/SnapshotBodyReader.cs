namespace Parley.Store.Snapshots;

/// <summary>The caller's bytes, verified a block at a time before any of it is shown. Reads on the caller's thread, asynchronous ones too.</summary>
sealed class SnapshotBodyReader(BlockReader blocks, long length, IDisposable? owner) : Stream
{
    ReadOnlyMemory<byte> _rest;
    long _read;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => length;
    public override long Position { get => _read; set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty) return 0;
        if (_rest.IsEmpty)
        {
            _rest = blocks.Next();
            if (_rest.IsEmpty)
            {
                if (_read != length) throw blocks.Corrupt($"the body has {_read} bytes where the header says {length}");
                return 0;
            }
        }
        var count = Math.Min(buffer.Length, _rest.Length);
        _rest.Span[..count].CopyTo(buffer);
        _rest = _rest[count..];
        _read += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new ValueTask<int>(Read(buffer.Span));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            blocks.Dispose();
            owner?.Dispose();
        }
        base.Dispose(disposing);
    }
}
