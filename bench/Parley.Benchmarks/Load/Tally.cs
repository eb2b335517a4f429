using System.Diagnostics;
using Parley.Benchmarks.Reporting;

namespace Parley.Benchmarks.Load;

/// <summary>What a run counted so far. One thread.</summary>
sealed class Tally
{
    public long Sent;
    public long Acked;
    public long Echoed;
    public long Delivered;

    /// <summary>To how many others each message is delivered.</summary>
    public int Recipients = 1;

    /// <summary>From sending to acknowledgement, of what was acknowledged while the row was measured.</summary>
    public LatencyHistogram Acks { get; } = new();

    /// <summary>Whether senders answer an acknowledgement with the next message.</summary>
    public bool IsSending { get; set; } = true;

    public void Acknowledge(long sentAt)
    {
        Acked++;
        Acks.Record((long)Stopwatch.GetElapsedTime(sentAt).TotalNanoseconds);
    }
}
