using System.Globalization;
using Parley.Store.Disks;
using Parley.Store.Erasing;
using Parley.Store.Keys;
using Parley.Store.Recovery;
using Parley.Store.Retention;
using Parley.Store.Segments;

namespace Parley.Store.Checks;

/// <summary>Makes a damaged log open again. It keeps everything up to the first batch that can't be read and never destroys: what it takes away lies, as it was, in a folder beside.</summary>
/// <remarks>Interrupted at any point, it can be done again. Sequences have no gaps, so nothing behind the damage can stay, however whole it is.</remarks>
public sealed class LogRepair
{
    const int CopyBytes = 1 << 20;

    // An epoch may have been given out without a batch; how many can't be known once the file is lost.
    const ulong EpochGap = 1000;

    readonly IDisk _disk;
    readonly DateTimeOffset _now;
    readonly RepairSurvey _survey;
    readonly LogReport _check;
    readonly string _folder;
    readonly List<RepairStep> _steps = [];

    LogRepair(IDisk disk, TimeProvider time)
    {
        (_disk, _now) = (disk, time.GetUtcNow());
        _folder = string.Create(CultureInfo.InvariantCulture, $"damaged-{_now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}");
        _check = LogCheck.Run(disk, long.MaxValue, SnapshotCheck.Open(disk));
        _survey = new RepairSurvey(disk);
        _survey.Run();
        RefuseUncovered();
    }

    /// <summary>What is left must open: a log that does not begin at position 1 needs a snapshot, and those behind the damage speak for records that are no longer in it.</summary>
    void RefuseUncovered()
    {
        var beginning = _survey.Beginning;
        if (beginning.IsOfAll || _check.Snapshots.Any(one => one.IsUsable && one.Position <= _survey.Kept)) return;
        throw new CorruptLogException(BeginningFile.Name, 0,
            $"positions 1 to {beginning.Before.Position} were dropped, {_survey.Damage ?? "nothing is wrong with the rest"}, and no snapshot up to position {_survey.Kept} is left: restore a backup", _survey.Kept);
    }

    /// <param name="apply">False only reports.</param>
    /// <exception cref="DirectoryInUseException">A process has it open.</exception>
    /// <exception cref="NewerFormatException">A later release wrote it; that one's repair knows it.</exception>
    public static async ValueTask<RepairReport> RunAsync(IDisk disk, TimeProvider time, bool apply = false)
    {
        using (disk.Lock())
        {
            // Half a body overwritten is no damage.
            if (apply) await PendingErasures.CompleteAsync(disk);
            var repair = new LogRepair(PendingErasures.Over(disk), time);
            repair.Plan();
            if (apply && repair._steps.Count > 0) await repair.ApplyAsync();
            return repair.Report(apply);
        }
    }

    RepairReport Report(bool isApplied)
    {
        var isLost = _survey.Damage is not null;
        return new RepairReport(isApplied && _steps.Count > 0, _folder, _steps, _survey.Kept, _survey.KeptTime,
            isLost ? _survey.Kept + 1 : 0, isLost ? Math.Max(_survey.LostTo, _survey.Kept + 1) : 0,
            isLost ? _survey.LostFromTime : 0, isLost ? _survey.LostToTime : 0, isLost ? _survey.ReadableAside : 0);
    }

    void Plan()
    {
        var segments = SegmentHeader.NamesIn(_disk);
        segments.RemoveAll(one => one.Ordinal < _survey.Beginning.Segment);
        var names = _disk.List().Order(StringComparer.Ordinal).ToList();
        if (segments.Count == 0 && !names.Contains(EpochFile.Name)) return;
        var isCut = _survey.Damage is not null;
        // From the end on, so that what is left is the beginning of a log at any moment.
        foreach (var (name, ordinal) in segments.AsEnumerable().Reverse())
        {
            if (ordinal <= _survey.LastSegment) break;
            if (isCut) _steps.Add(new RepairStep(name, "move", "it lies behind the damage"));
            else if (_survey.IsHeadlessAhead) _steps.Add(new RepairStep(name, "move", "it was prepared and never used, and a header of those is damaged"));
        }
        foreach (var name in names)
        {
            if (IndexHeader.TryParseName(name, out var ordinal) || KeysHeader.TryParseName(name, out ordinal)) PlanIndex(name, ordinal, isCut);
        }
        foreach (var snapshot in _check.Snapshots)
        {
            if (!snapshot.IsUsable) _steps.Add(new RepairStep(snapshot.File, "move", "it is damaged, or not of this log's records"));
            else if (snapshot.Position > _survey.Kept) _steps.Add(new RepairStep(snapshot.File, "move", "it lies behind the damage"));
        }
        foreach (var ordinal in _survey.Headless) _steps.Add(new RepairStep(SegmentHeader.FileName(ordinal), "cut", "its header is damaged; a new one takes its place"));
        if (isCut && _survey.LastSegment > 0 && !_survey.Headless.Contains(_survey.LastSegment))
            _steps.Add(new RepairStep(SegmentHeader.FileName(_survey.LastSegment), "cut", $"from {_survey.End} on: {_survey.Damage}"));
        if (_survey.LastSegment == 0) _steps.Add(new RepairStep(SegmentHeader.FileName(_survey.Beginning.Segment), "write", $"{_survey.Damage ?? "no segment is whole"}; the log begins anew"));
        if (!_survey.EpochFileIsWhole) _steps.Add(new RepairStep(EpochFile.Name, "write", "it is missing, damaged or older than the batches"));
    }

    void PlanIndex(string name, int ordinal, bool isCut)
    {
        if (isCut && ordinal >= _survey.LastSegment) _steps.Add(new RepairStep(name, "move", "its segment ends elsewhere now"));
        else if (_check.Problems.FirstOrDefault(problem => problem.Segment == name) is { } problem) _steps.Add(new RepairStep(name, "move", problem.What));
    }

    async ValueTask ApplyAsync()
    {
        foreach (var step in _steps.Where(step => step.Action == "move")) _disk.Rename(step.File, Aside(step.File));
        _disk.SyncDirectory();
        foreach (var step in _steps.Where(step => step.Action != "move"))
        {
            if (_disk.List().Contains(step.File)) await CopyAsideAsync(step.File);
            if (step.File == EpochFile.Name) await new EpochFile(_survey.Log, _survey.HighestEpoch + EpochGap).WriteAsync(_disk);
            else await RewriteAsync(step.File);
        }
    }

    string Aside(string name) => $"{_folder}/{name}";

    async ValueTask CopyAsideAsync(string name)
    {
        var temporary = name + ".aside.new";
        using (var from = _disk.Open(name)) await CopyAsync(from, temporary, 0, from.Length, header: null);
        _disk.Rename(temporary, Aside(name));
        _disk.SyncDirectory();
    }

    /// <summary>Puts the part of a segment that can be kept in its place, in one step.</summary>
    async ValueTask RewriteAsync(string name)
    {
        if (!SegmentHeader.TryParseName(name, out var ordinal)) throw new ArgumentException($"{name} is no segment.", nameof(name));
        var header = new byte[SegmentHeader.Bytes];
        new SegmentHeader(_survey.Log, ordinal, (_now - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond).Write(header);
        var temporary = name + ".new";
        using (var from = _disk.Open(name))
        {
            var end = ordinal == _survey.LastSegment || from.Length < SegmentHeader.Bytes ? _survey.End : from.Length;
            await CopyAsync(from, temporary, SegmentHeader.Bytes, end, header);
        }
        _disk.Rename(temporary, name);
        _disk.SyncDirectory();
    }

    async ValueTask CopyAsync(IDiskFile from, string name, long start, long end, byte[]? header)
    {
        using var to = _disk.Open(name);
        to.SetLength(0);
        if (header is not null) to.Write(header, 0);
        var buffer = new byte[CopyBytes];
        for (var at = start; at < end;)
        {
            var read = from.Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - at)), at);
            if (read == 0) break;
            to.Write(buffer.AsSpan(0, read), at);
            at += read;
        }
        await to.SyncAsync();
    }
}
