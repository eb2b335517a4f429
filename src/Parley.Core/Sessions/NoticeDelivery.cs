using Parley.Core.Notices;

namespace Parley.Core.Sessions;

/// <summary>A notice for devices. It is either found later in a feed of notices, under <paramref name="sequence"/>, or told once and never again.</summary>
/// <param name="sequence">In the feed of notices; 0 when it is kept in none.</param>
/// <param name="time">Record time, µs.</param>
/// <param name="trace">The name that its cause has for who caused it; may be empty.</param>
public sealed class NoticeDelivery(Notice notice, long sequence, long position, long time, string trace) : Delivery
{
    public Notice Notice { get; } = notice;
    public long Sequence { get; } = sequence;
    public long Position { get; } = position;
    public long Time { get; } = time;
    public string Trace { get; } = trace;
    public override int Size { get; } = 512 + (2 * trace.Length) + (notice is GroupNotice group ? 256 * group.Members.Count : 0);
}
