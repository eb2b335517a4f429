namespace Parley.Testing.Disks;

/// <summary>What a crashing disk knows of one file: the bytes a reader sees, those that would survive a power cut, and the writes between the two.</summary>
sealed class CrashingFile
{
    public const int SectorBytes = 512;

    /// <summary>One write that no sync has covered yet; null bytes for a change of length.</summary>
    readonly record struct Write(long Number, long Offset, byte[]? Bytes);

    byte[] _visible = [];
    byte[] _durable = [];
    int _visibleLength;
    int _durableLength;
    long _writes;
    List<Write> _unsynced = [];

    public int Length => _visibleLength;

    /// <summary>Number of the newest write, for <see cref="Sync"/>.</summary>
    public long Writes => _writes;

    public ReadOnlySpan<byte> Visible => _visible.AsSpan(0, _visibleLength);

    public long Reads { get; private set; }

    public int Read(Span<byte> buffer, long offset)
    {
        Reads++;
        if (offset >= _visibleLength) return 0;
        var bytes = _visible.AsSpan((int)offset, (int)Math.Min(buffer.Length, _visibleLength - offset));
        bytes.CopyTo(buffer);
        return bytes.Length;
    }

    public void Put(ReadOnlySpan<byte> bytes, long offset)
    {
        Apply(ref _visible, ref _visibleLength, bytes, offset);
        _unsynced.Add(new Write(++_writes, offset, bytes.ToArray()));
    }

    public void SetLength(long length)
    {
        Resize(ref _visible, ref _visibleLength, (int)length);
        _unsynced.Add(new Write(++_writes, length, null));
    }

    /// <summary>Makes all writes up to this one durable.</summary>
    public void Sync(long upTo)
    {
        var count = 0;
        while (count < _unsynced.Count && _unsynced[count].Number <= upTo) Keep(_unsynced[count++]);
        _unsynced.RemoveRange(0, count);
    }

    /// <summary>What a failed sync leaves: some sectors arrived, and no later sync will care for the others, though they stay readable.</summary>
    public void FailSync(Random random)
    {
        Tear(random);
        _unsynced.Clear();
    }

    /// <summary>The file after a power cut.</summary>
    public CrashingFile AfterPowerLoss(Random random)
    {
        var file = new CrashingFile { _durable = _durable.AsSpan(0, _durableLength).ToArray(), _durableLength = _durableLength, _unsynced = _unsynced };
        file.Tear(random);
        file._unsynced = [];
        file._visible = file._durable.AsSpan(0, file._durableLength).ToArray();
        file._visibleLength = file._durableLength;
        return file;
    }

    public CrashingFile Copy() => new()
    {
        _visible = Visible.ToArray(),
        _visibleLength = _visibleLength,
        _durable = _durable.AsSpan(0, _durableLength).ToArray(),
        _durableLength = _durableLength,
        _writes = _writes,
        _unsynced = [.. _unsynced],
    };

    public void Flip(long offset, byte mask)
    {
        _visible[offset] ^= mask;
        if (offset < _durableLength) _durable[offset] ^= mask;
    }

    void Tear(Random random)
    {
        foreach (var write in _unsynced)
        {
            switch (random.Next(3))
            {
                case 0:
                    break;
                case 1:
                    Keep(write);
                    break;
                default:
                    if (write.Bytes is not null) KeepSomeSectors(write, random);
                    break;
            }
        }
    }

    void KeepSomeSectors(Write write, Random random)
    {
        for (var at = 0; at < write.Bytes!.Length;)
        {
            var inSector = (int)Math.Min(SectorBytes - ((write.Offset + at) % SectorBytes), write.Bytes.Length - at);
            if (random.Next(2) == 0) Apply(ref _durable, ref _durableLength, write.Bytes.AsSpan(at, inSector), write.Offset + at);
            at += inSector;
        }
    }

    void Keep(Write write)
    {
        if (write.Bytes is null) Resize(ref _durable, ref _durableLength, (int)write.Offset);
        else Apply(ref _durable, ref _durableLength, write.Bytes, write.Offset);
    }

    static void Apply(ref byte[] image, ref int length, ReadOnlySpan<byte> bytes, long offset)
    {
        var end = (int)offset + bytes.Length;
        if (end > length) Resize(ref image, ref length, end);
        bytes.CopyTo(image.AsSpan((int)offset));
    }

    static void Resize(ref byte[] image, ref int length, int newLength)
    {
        if (newLength > image.Length) Array.Resize(ref image, Math.Max(newLength, Math.Min(image.Length * 2, image.Length + (1 << 20))));
        // What was cut must read as zero when the file grows again.
        if (newLength < length) image.AsSpan(newLength, length - newLength).Clear();
        length = newLength;
    }
}
