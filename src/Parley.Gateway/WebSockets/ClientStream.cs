using System.Buffers;
using System.Buffers.Binary;

namespace Parley.Gateway.WebSockets;

/// <summary>
/// The bytes below a WebSocket. Data frames of the write loop gather here and leave in one write per flush; what the WebSocket itself writes (pongs, close) leaves
/// at once, in order with the rest. Remembers when it last heard from the client and since when a write has been waiting for it.
/// </summary>
sealed class ClientStream(Stream inner, TimeProvider time) : Stream
{
    /// <summary>Gathered bytes at which the write loop flushes.</summary>
    public const int FlushBytes = 64 << 10;

    const int FirstBufferBytes = 1 << 10;
    const int MaxHeaderBytes = 10;
    const byte Final = 0x80;
    const byte Ping = 0x9;

    readonly Lock _gate = new();
    readonly SemaphoreSlim _writing = new(1);
    byte[]? _gathered;
    int _length;
    long _lastReadAt = time.GetTimestamp();
    long _writingSince;

    /// <summary>Timestamp of the last byte from the client.</summary>
    public long LastReadAt => Volatile.Read(ref _lastReadAt);

    /// <summary>Timestamp since when the client has not accepted what was written; 0 when nothing waits.</summary>
    public long WritingSince => Volatile.Read(ref _writingSince);

    public int Gathered => _length;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Gathers one unmasked, unfragmented frame: <c>final + opcode | length 7, 7+16 or 7+64 bits | payload</c> (RFC 6455 §5.2).</summary>
    public void Gather(byte opcode, ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            var room = Room(MaxHeaderBytes + payload.Length);
            room[0] = (byte)(Final | opcode);
            var header = 2;
            if (payload.Length < 126)
            {
                room[1] = (byte)payload.Length;
            }
            else if (payload.Length <= ushort.MaxValue)
            {
                room[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(room[2..], (ushort)payload.Length);
                header = 4;
            }
            else
            {
                room[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(room[2..], (ulong)payload.Length);
                header = MaxHeaderBytes;
            }

            payload.CopyTo(room[header..]);
            _length += header + payload.Length;
        }
    }

    /// <summary>Sends a ping, unless something is being written anyway. Never throws: a broken connection shows in the loops.</summary>
    public async Task PingAsync()
    {
        if (!_writing.Wait(0)) return;
        _writing.Release();
        Gather(Ping, []);
        try
        {
            await FlushAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            // The read loop learns the same.
        }
    }

    /// <summary>Writes what was gathered.</summary>
    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_length == 0) return;
        await _writing.WaitAsync(cancellationToken);
        byte[]? bytes = null;
        try
        {
            int length;
            lock (_gate) (bytes, length, _gathered, _length) = (_gathered, _length, null, 0);
            if (bytes is null) return;
            Volatile.Write(ref _writingSince, Math.Max(1, time.GetTimestamp()));
            await inner.WriteAsync(bytes.AsMemory(0, length), cancellationToken);
        }
        finally
        {
            Volatile.Write(ref _writingSince, 0);
            _writing.Release();
            if (bytes is not null) ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>The WebSocket's own frames. It flushes after each.</summary>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            buffer.Span.CopyTo(Room(buffer.Length));
            _length += buffer.Length;
        }

        return ValueTask.CompletedTask;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await inner.ReadAsync(buffer, cancellationToken);
        Volatile.Write(ref _lastReadAt, time.GetTimestamp());
        return count;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() => throw new NotSupportedException();
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Called with the gate held.</summary>
    Span<byte> Room(int bytes)
    {
        _gathered ??= ArrayPool<byte>.Shared.Rent(Math.Max(FirstBufferBytes, bytes));
        if (_gathered.Length - _length < bytes)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_gathered.Length * 2, _length + bytes));
            _gathered.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_gathered);
            _gathered = larger;
        }

        return _gathered.AsSpan(_length);
    }
}
