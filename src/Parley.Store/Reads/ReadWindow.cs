using System.Buffers;
using Parley.Store.Disks;

namespace Parley.Store.Reads;

/// <summary>A stretch of a file read at once, because what is asked next mostly lies beside it: 4 KiB at first, up to 64 KiB while that proves true.</summary>
sealed class ReadWindow : IDisposable
{
    const int SmallestBytes = 4 << 10;
    const int LargestBytes = 64 << 10;

    // A record's batch header lies before it, its body behind: one read for all three where the batch is small.
    const int LeadBytes = 1 << 10;

    byte[] _buffer = [];
    IDiskFile? _file;
    long _start;
    int _length;
    int _size = SmallestBytes;

    /// <summary>Bytes of the file; fewer only at its end. Good until the next call.</summary>
    public ReadOnlySpan<byte> Get(IDiskFile file, long offset, int length)
    {
        if (!Holds(file, offset, length)) Load(file, offset, length);
        return _buffer.AsSpan((int)(offset - _start), (int)Math.Min(length, _start + _length - offset));
    }

    public bool Holds(IDiskFile file, long offset, int length)
        => ReferenceEquals(file, _file) && offset >= _start && offset + length <= _start + _length;

    void Load(IDiskFile file, long offset, int length)
    {
        var beside = ReferenceEquals(file, _file) && offset >= _start - LargestBytes && offset <= _start + _length + LargestBytes;
        _size = beside ? Math.Min(_size * 2, LargestBytes) : SmallestBytes;
        var lead = beside ? 0 : (int)Math.Min(LeadBytes, offset);
        var size = Math.Max(_size, lead + length);
        if (_buffer.Length < size)
        {
            Return();
            _buffer = ArrayPool<byte>.Shared.Rent(size);
        }
        // Reading towards the beginning: what is asked next lies before.
        _start = beside && offset < _start ? Math.Max(0, offset + length - size) : offset - lead;
        _file = null;
        _length = file.Read(_buffer.AsSpan(0, size), _start);
        if (_length < offset - _start) throw new EndOfStreamException($"The file ends at {_start + _length}, before {offset}.");
        _file = file;
    }

    void Return()
    {
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _file = null;
    }

    public void Dispose() => Return();
}
