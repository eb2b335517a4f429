namespace Parley.Simulation;

/// <summary>How often runs came by what they are meant to come by: a simulation that never gets there proves nothing.</summary>
sealed class Tally
{
    public const string CrashWhileOpening = "crash while opening";
    public const string UnknownKept = "unknown outcome that was kept";
    public const string UnknownLost = "unknown outcome that was lost";
    public const string Repeat = "repeat that got the first answer";
    public const string LateRepeat = "repeat of a message that memory had forgotten";
    public const string FullSegment = "full segment with index";
    public const string Kick = "session kicked";
    public const string Overflow = "outbox overflowed";
    public const string WholeSession = "session told of everything";
    public const string CutSession = "session cut off after deliveries";
    public const string Digest = "state compared at a position it was seen at before";
    public const string QuietEnd = "all clients done before the end";
    public const string DeedKept = "other unknown outcome that was kept";
    public const string DeedLost = "other unknown outcome that was lost";
    public const string GoneRead = "recalled or deleted message read";
    public const string EditRead = "edited message read";
    public const string ListSynced = "list brought up to date by its changes";
    public const string SnapshotWritten = "snapshot written";
    public const string SnapshotFailed = "snapshot that could not be written";
    public const string SnapshotCut = "crash while a snapshot was written";
    public const string SnapshotStart = "start from a snapshot with records after it";
    public const string NoStart = "server did not start on a failing disk";

    readonly Dictionary<string, int> _counts = [];

    public int this[string what] => _counts.GetValueOrDefault(what);

    public void Add(string what) => _counts[what] = this[what] + 1;

    public void Add(Tally other)
    {
        foreach (var (what, count) in other._counts) _counts[what] = this[what] + count;
    }

    public override string ToString() => string.Join('\n', _counts.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Value,8} {pair.Key}"));
}
