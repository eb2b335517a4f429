using Parley.Store.Disks;

namespace Parley.Testing.Disks;

/// <summary>A directory in memory that loses what a real one may lose. The same seed and the same calls give the same losses.</summary>
/// <remarks>
/// A write is visible at once and durable after its file's sync; a new, deleted or renamed name is durable after <see cref="SyncDirectory"/>.
/// Crash points are the calls that change something (all but reads, <see cref="List"/> and opening what is there), counted in <see cref="Calls"/>.
/// </remarks>
/// <param name="seed">Decides what a partial write and a failed sync leave.</param>
/// <param name="onSync">Awaited within every sync, between what it covers and its effect, so that other work can come between; by default nothing.</param>
public sealed class CrashingDisk(int seed = 0, Func<ValueTask>? onSync = null) : IDisk
{
    readonly Lock _gate = new();
    readonly Random _random = new(seed);
    readonly Dictionary<string, CrashingFile> _files = [];
    // The directory as a power cut would leave it, and the changes of names since.
    readonly Dictionary<string, CrashingFile> _durableNames = [];
    readonly List<NameChange> _changes = [];
    readonly int _seed = seed;
    readonly Func<ValueTask>? _onSync = onSync;
    long _crashAt = long.MaxValue;
    bool _isLocked;

    /// <summary>A name that now stands for a file, or for none; for a rename also the name it had.</summary>
    readonly record struct NameChange(string Name, CrashingFile? File, string? OldName);

    /// <summary>Changing calls so far.</summary>
    public long Calls { get; private set; }

    /// <summary>How often a file was read since it was made.</summary>
    public long ReadsOf(string name)
    {
        lock (_gate) return _files[name].Reads;
    }

    public bool HasCrashed { get; private set; }

    /// <summary>Room for all files together; a write beyond it throws <see cref="DiskFullException"/>.</summary>
    public long CapacityBytes { get; set; } = long.MaxValue;

    /// <summary>The next write stores a part of its bytes, then fails.</summary>
    public bool FailNextWrite { get; set; }

    /// <summary>The next sync fails, and what it should have covered is only partly durable, whatever later syncs say.</summary>
    public bool FailNextSync { get; set; }

    /// <summary>Lets the changing call with this number (from 1) crash: a write may be done in part, and every later call throws.</summary>
    public void CrashAt(long call) => _crashAt = call;

    /// <summary>What a restart of the process finds: all that was written, though what was unsynced still is.</summary>
    public CrashingDisk AfterProcessCrash()
    {
        lock (_gate)
        {
            var disk = Successor(_random.Next());
            var copies = new Dictionary<CrashingFile, CrashingFile>(ReferenceEqualityComparer.Instance);
            CrashingFile Copy(CrashingFile file) => copies.TryGetValue(file, out var copy) ? copy : copies[file] = file.Copy();
            foreach (var (name, file) in _files) disk._files[name] = Copy(file);
            foreach (var (name, file) in _durableNames) disk._durableNames[name] = Copy(file);
            disk._changes.AddRange(_changes.Select(change => change with { File = change.File is null ? null : Copy(change.File) }));
            return disk;
        }
    }

    /// <summary>What a restart of the machine finds: each unsynced write kept, lost or torn by sectors, each unsynced change of a name kept or lost.</summary>
    public CrashingDisk AfterPowerLoss(Random random)
    {
        lock (_gate)
        {
            var disk = Successor(random.Next());
            var names = new Dictionary<string, CrashingFile>(_durableNames);
            foreach (var change in _changes)
            {
                if (random.Next(2) == 0) continue;
                if (change.OldName is not null) names.Remove(change.OldName);
                if (change.File is null) names.Remove(change.Name);
                else names[change.Name] = change.File;
            }
            foreach (var (name, file) in names.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                disk._files[name] = disk._durableNames[name] = file.AfterPowerLoss(random);
            return disk;
        }
    }

    CrashingDisk Successor(int seed) => new(seed, _onSync) { CapacityBytes = CapacityBytes };

    /// <summary>Lets a bit rot, on the disk and in what is read.</summary>
    public void Flip(string name, long offset, byte mask = 1)
    {
        lock (_gate) _files[name].Flip(offset, mask);
    }

    /// <summary>The file as a reader sees it.</summary>
    public byte[] Bytes(string name)
    {
        lock (_gate) return _files[name].Visible.ToArray();
    }

    /// <summary>Puts a file there, durable at once, instead of any of that name.</summary>
    public void Put(string name, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            var file = new CrashingFile();
            file.Put(bytes, 0);
            file.Sync(long.MaxValue);
            _files[name] = _durableNames[name] = file;
        }
    }

    /// <summary>Takes a file away for good.</summary>
    public void Remove(string name)
    {
        lock (_gate)
        {
            _files.Remove(name);
            _durableNames.Remove(name);
        }
    }

    public IDiskFile Open(string name)
    {
        lock (_gate)
        {
            ThrowIfCrashed();
            if (!_files.TryGetValue(name, out var file))
            {
                Call();
                file = _files[name] = new CrashingFile();
                _changes.Add(new NameChange(name, file, null));
            }
            return new Handle(this, name, file);
        }
    }

    public IReadOnlyList<string> List()
    {
        lock (_gate)
        {
            ThrowIfCrashed();
            return [.. _files.Keys.Order(StringComparer.Ordinal)];
        }
    }

    public void Delete(string name)
    {
        lock (_gate)
        {
            Call();
            if (_files.Remove(name)) _changes.Add(new NameChange(name, null, null));
        }
    }

    public void Rename(string from, string to)
    {
        lock (_gate)
        {
            Call();
            if (!_files.Remove(from, out var file)) throw new FileNotFoundException($"{from} is not there.", from);
            _files[to] = file;
            _changes.Add(new NameChange(to, file, from));
        }
    }

    public void SyncDirectory()
    {
        lock (_gate)
        {
            Call();
            _durableNames.Clear();
            foreach (var (name, file) in _files) _durableNames[name] = file;
            _changes.Clear();
        }
    }

    public IDisposable Lock()
    {
        lock (_gate)
        {
            Call();
            if (_isLocked) throw new DirectoryInUseException($"in memory (seed {_seed})", "this process");
            _isLocked = true;
            return new Held(this);
        }
    }

    void Call()
    {
        ThrowIfCrashed();
        if (++Calls < _crashAt) return;
        HasCrashed = true;
        throw new SimulatedCrashException(Calls);
    }

    void ThrowIfCrashed()
    {
        if (HasCrashed) throw new SimulatedCrashException(Calls);
    }

    void Write(string name, CrashingFile file, ReadOnlySpan<byte> bytes, long offset)
    {
        lock (_gate)
        {
            if (!HasCrashed && Calls + 1 >= _crashAt) PutPart(file, bytes, offset);
            Call();
            if (FailNextWrite)
            {
                FailNextWrite = false;
                PutPart(file, bytes, offset);
                throw new IOException($"Simulated failure of a write to {name} at {offset}.");
            }
            ThrowIfFull(name, file, offset + bytes.Length);
            file.Put(bytes, offset);
        }
    }

    /// <summary>A prefix in whole sectors; empty and all of it are prefixes too.</summary>
    void PutPart(CrashingFile file, ReadOnlySpan<byte> bytes, long offset)
    {
        var sectors = (bytes.Length + CrashingFile.SectorBytes - 1) / CrashingFile.SectorBytes;
        var part = Math.Min(bytes.Length, _random.Next(sectors + 1) * CrashingFile.SectorBytes);
        if (part > 0) file.Put(bytes[..part], offset);
    }

    void SetLength(string name, CrashingFile file, long length)
    {
        lock (_gate)
        {
            Call();
            ThrowIfFull(name, file, length);
            file.SetLength(length);
        }
    }

    void ThrowIfFull(string name, CrashingFile file, long length)
    {
        if (length <= file.Length || CapacityBytes == long.MaxValue) return;
        if (_files.Values.Sum(one => (long)one.Length) + length - file.Length > CapacityBytes) throw new DiskFullException(name);
    }

    async ValueTask SyncAsync(string name, CrashingFile file)
    {
        long upTo;
        lock (_gate)
        {
            Call();
            upTo = file.Writes;
        }
        if (_onSync is not null) await _onSync();
        lock (_gate)
        {
            ThrowIfCrashed();
            if (FailNextSync)
            {
                FailNextSync = false;
                file.FailSync(_random);
                throw new IOException($"Simulated failure of a sync of {name}.");
            }
            file.Sync(upTo);
        }
    }

    sealed class Handle(CrashingDisk disk, string name, CrashingFile file) : IDiskFile
    {
        public long Length
        {
            get
            {
                lock (disk._gate) return file.Length;
            }
        }

        public int Read(Span<byte> buffer, long offset)
        {
            lock (disk._gate)
            {
                disk.ThrowIfCrashed();
                return file.Read(buffer, offset);
            }
        }

        public void Write(ReadOnlySpan<byte> bytes, long offset) => disk.Write(name, file, bytes, offset);

        public void SetLength(long length) => disk.SetLength(name, file, length);

        public ValueTask SyncAsync() => disk.SyncAsync(name, file);

        public void Dispose()
        {
        }
    }

    sealed class Held(CrashingDisk disk) : IDisposable
    {
        public void Dispose()
        {
            lock (disk._gate) disk._isLocked = false;
        }
    }
}
