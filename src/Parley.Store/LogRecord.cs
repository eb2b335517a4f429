using Parley.Store.Feeds;

namespace Parley.Store;

/// <summary>One committed record as it lies in the log.</summary>
/// <param name="Position">1, 2, 3 … over all records of the log.</param>
/// <param name="Time">Microseconds since the Unix epoch, strictly increasing with the position.</param>
/// <param name="Filings">The feeds the record is filed under, each with its sequence there, in the order they were given.</param>
/// <param name="Body">The record's bytes; owned by the record, never reused.</param>
public sealed record LogRecord(long Position, ushort Type, long App, long Time, Filing[] Filings, ReadOnlyMemory<byte> Body);
