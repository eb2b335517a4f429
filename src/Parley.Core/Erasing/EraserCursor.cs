using System.Buffers.Binary;
using Parley.Core.Snapshots;
using Parley.Store.Disks;

namespace Parley.Core.Erasing;

/// <summary>
/// How far the eraser is in each app's feed of erasures: <c>u32 magic | u32 count | u64 log | per app: i64 app, i64 sequence | u32 CRC-32C</c>, little-endian. A file that is absent, damaged or of another
/// log is as good as one at the beginning: what was erased before is found erased.
/// </summary>
sealed class EraserCursor
{
    const string Name = "erased", TemporaryName = "erased.new";
    const uint Magic = 0x31524550; // "PER1"
    const int HeaderBytes = 16, EntryBytes = 16, SumBytes = 4, MaxApps = 1 << 20;

    readonly IDisk _disk;
    readonly long _log;
    readonly SortedDictionary<long, long> _done = [];

    public EraserCursor(IDisk disk, long log)
    {
        (_disk, _log) = (disk, log);
        if (!disk.List().Contains(Name)) return;
        using var file = disk.Open(Name);
        if (file.Length is < HeaderBytes + SumBytes or > HeaderBytes + (EntryBytes * (long)MaxApps) + SumBytes) return;
        var bytes = new byte[file.Length];
        if (file.Read(bytes, 0) == bytes.Length) Read(bytes);
    }

    public long this[long app]
    {
        get => _done.GetValueOrDefault(app);
        set => _done[app] = value;
    }

    public async ValueTask SaveAsync()
    {
        var bytes = new byte[HeaderBytes + (EntryBytes * _done.Count) + SumBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), _done.Count);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), _log);
        var at = HeaderBytes;
        foreach (var (app, sequence) in _done)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at), app);
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at + 8), sequence);
            at += EntryBytes;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), SumOf(bytes));
        using (var file = _disk.Open(TemporaryName))
        {
            file.SetLength(0);
            file.Write(bytes, 0);
            await file.SyncAsync();
        }

        _disk.Rename(TemporaryName, Name);
        _disk.SyncDirectory();
    }

    void Read(ReadOnlySpan<byte> bytes)
    {
        var isWhole = BinaryPrimitives.ReadUInt32LittleEndian(bytes) == Magic && BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]) == _log
            && BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]) == (bytes.Length - HeaderBytes - SumBytes) / EntryBytes
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[^SumBytes..]) == SumOf(bytes);
        if (!isWhole) return;
        for (var at = HeaderBytes; at + EntryBytes <= bytes.Length - SumBytes; at += EntryBytes)
            _done[BinaryPrimitives.ReadInt64LittleEndian(bytes[at..])] = BinaryPrimitives.ReadInt64LittleEndian(bytes[(at + 8)..]);
    }

    static uint SumOf(ReadOnlySpan<byte> bytes) => Checksum.Of(Checksum.Add(Checksum.Start, bytes[..^SumBytes]));
}
