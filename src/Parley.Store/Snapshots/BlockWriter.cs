using System.Buffers.Binary;
using Parley.Store.Disks;
using Parley.Store.Segments;

namespace Parley.Store.Snapshots;

/// <summary>Writes bytes of any length as blocks of 1 MiB, the last of a part shorter, each with its checksum; layout in Segments/FORMAT.md.</summary>
sealed class BlockWriter(IDiskFile file, long offset)
{
    public const int HeaderBytes = 16;

    /// <summary>Divisible by the size of a head, so that none lies in two blocks.</summary>
    public const int MaxContentBytes = (1 << 20) - HeaderBytes;
    public const int CrcOffset = 12;
    public const uint Magic = 0x424E4C50; // "PLNB"

    // Synced as it grows: gigabytes in one sync would have every commit of the log wait behind them.
    const int BytesPerSync = 8 << 20;

    readonly byte[] _block = new byte[HeaderBytes + MaxContentBytes];
    readonly List<Task> _syncs = [];
    int _used = HeaderBytes;
    int _unsynced;
    uint _ordinal;

    /// <summary>Where the next block goes.</summary>
    public long Offset { get; private set; } = offset;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var part = Math.Min(bytes.Length, _block.Length - _used);
            bytes[..part].CopyTo(_block.AsSpan(_used));
            _used += part;
            bytes = bytes[part..];
            if (_used == _block.Length) Flush();
        }
    }

    /// <summary>Ends the block that is being filled, if there is anything in it.</summary>
    public void Flush()
    {
        if (_used == HeaderBytes) return;
        var block = _block.AsSpan(0, _used);
        BinaryPrimitives.WriteUInt32LittleEndian(block, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(block[4..], _ordinal++);
        BinaryPrimitives.WriteInt32LittleEndian(block[8..], _used - HeaderBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(block[CrcOffset..], Crc32C.Of(block[..CrcOffset], block[HeaderBytes..]));
        file.Write(block, Offset);
        Offset += _used;
        _unsynced += _used;
        _used = HeaderBytes;
        if (_unsynced >= BytesPerSync) BeginSync();
    }

    void BeginSync()
    {
        _unsynced = 0;
        var sync = file.SyncAsync();
        // A real disk has finished by now, or thrown.
        if (!sync.IsCompletedSuccessfully) _syncs.Add(sync.AsTask());
    }

    /// <summary>Waits until everything is written and synced.</summary>
    /// <exception cref="IOException">A sync failed, now or on the way.</exception>
    public async ValueTask SyncAsync()
    {
        foreach (var sync in _syncs) await sync;
        await file.SyncAsync();
    }
}
