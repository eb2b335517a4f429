namespace Parley.Store.Checks;

/// <summary>What a repair does, or would do, to one file.</summary>
/// <param name="Action"><c>move</c>: as it is into the folder; <c>cut</c>: a copy goes into the folder, the beginning stays; <c>write</c>: made anew.</param>
public sealed record RepairStep(string File, string Action, string Why);

/// <summary>What a repair found, did and could not keep.</summary>
/// <param name="IsApplied">False when it was only asked what would be done.</param>
/// <param name="Folder">Where damaged files are moved to, in the log's directory.</param>
/// <param name="KeptPosition">The log ends here; 0 when no record can be kept.</param>
/// <param name="KeptTime">Time of that record, µs since the Unix epoch.</param>
/// <param name="LostFrom">First position that is lost; 0 when none is.</param>
/// <param name="LostTo">Last position known to have been there.</param>
/// <param name="LostFromTime">Time of the earliest batch found behind the cut; 0 when none was.</param>
/// <param name="LostToTime">Time of the latest.</param>
/// <param name="ReadableAside">Records behind the cut of which the batch header is still whole; <see cref="LogDump"/> may read them from the folder.</param>
public sealed record RepairReport(bool IsApplied, string Folder, IReadOnlyList<RepairStep> Steps, long KeptPosition, long KeptTime,
    long LostFrom, long LostTo, long LostFromTime, long LostToTime, long ReadableAside)
{
    public bool IsNeeded => Steps.Count > 0;
}
