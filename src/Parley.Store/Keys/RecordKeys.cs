using Parley.Store.Feeds;

namespace Parley.Store.Keys;

/// <summary>The key a record is found by; 0 when it has none. Pure, and it does not throw: it is asked again whenever a segment's keys are built anew.</summary>
/// <param name="log">Id of the log, so that nobody knows beforehand which keys are the same.</param>
/// <param name="body">As it lies in the log now: one that was overwritten may have another key, or none.</param>
public delegate ulong RecordKey(long log, ushort type, long app, ReadOnlySpan<Filing> filings, ReadOnlySpan<byte> body);

/// <summary>How a log's records get their keys.</summary>
/// <param name="Version">Another number, and keys that were written before count as missing.</param>
public sealed record RecordKeys(uint Version, RecordKey Of);
