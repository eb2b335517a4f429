using Parley.Store.Snapshots;

namespace Parley.Store.Retention;

/// <summary>Where a log begins: segments before are dropped, and what they said is in snapshots alone.</summary>
/// <param name="Segment">Ordinal of the first segment there is.</param>
/// <param name="Before">The last record before it; all zero when nothing was dropped.</param>
sealed record Beginning(int Segment, LogPoint Before)
{
    public static readonly Beginning OfAll = new(1, default);

    /// <summary>First position that can be read.</summary>
    public long First => Before.Position + 1;

    public bool IsOfAll => Segment == 1;
}
