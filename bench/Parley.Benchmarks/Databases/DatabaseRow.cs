using System.Data.Common;
using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Npgsql;
using Parley.Benchmarks.Limits;
using Parley.Benchmarks.Reporting;

namespace Parley.Benchmarks.Databases;

/// <summary>
/// What one would otherwise keep a history in, for the same 200 bytes: rows keyed by conversation and sequence, acknowledged when durable, and pages of the last 50. Prepared statements.
/// </summary>
/// <param name="postgres">A connection string; null leaves PostgreSQL out.</param>
sealed class DatabaseRow(string directory, TimeSpan time, string? postgres, DiskProbe disk)
{
    const int Conversations = 1_000, RowsPerConversation = 100, PageSize = 50, RowsAtOnce = 64, Writers = 64;
    const string Table = "messages (conversation bigint, sequence bigint, body bytea, primary key (conversation, sequence))";
    const string Insert = "insert into messages values (@conversation, @sequence, @body)";
    const string LatestPage = "select sequence, body from messages where conversation = @conversation order by sequence desc limit 50";

    long _sequence = RowsPerConversation;

    public async Task RunAsync(Report report)
    {
        report.Open("databases", "the same records in SQLite (WAL, synchronous FULL, in process) and PostgreSQL (synchronous_commit on, over a socket)", "per s", "p50 µs", "p99 µs", "of disk");
        var file = Path.Combine(directory, "messages.db");
        await using (var connection = new SqliteConnection($"Data Source={file};Pooling=False"))
        {
            await connection.OpenAsync();
            await ExecuteAsync(connection, "pragma journal_mode=wal", "pragma synchronous=full", $"create table {Table.Replace("bytea", "blob", StringComparison.Ordinal)}");
            await FillAsync(connection);
            await MeasureAsync("SQLite, 1 writer", [connection], 1, report);
            await MeasureAsync($"SQLite, {RowsAtOnce} in a transaction", [connection], RowsAtOnce, report);
            await MeasurePagesAsync("SQLite, latest 50", connection, report);
        }

        File.Delete(file);
        if (postgres is null) return;
        await using var source = NpgsqlDataSource.Create(postgres);
        var connections = new List<DbConnection>();
        for (var i = 0; i < Writers; i++) connections.Add(await source.OpenConnectionAsync());
        await ExecuteAsync(connections[0], "drop table if exists messages", $"create table {Table}");
        await FillAsync(connections[0]);
        await MeasureAsync("PostgreSQL, 1 writer", connections[..1], 1, report);
        await MeasureAsync($"PostgreSQL, {Writers} writers", connections, 1, report);
        await MeasureAsync($"PostgreSQL, {RowsAtOnce} in a transaction", connections[..1], RowsAtOnce, report);
        await MeasurePagesAsync("PostgreSQL, latest 50", connections[0], report);
        await ExecuteAsync(connections[0], "drop table messages");
        foreach (var connection in connections) await connection.DisposeAsync();
    }

    async Task MeasureAsync(string name, List<DbConnection> connections, int rowsAtOnce, Report report)
    {
        var started = Stopwatch.GetTimestamp();
        var latencies = await Task.WhenAll(connections.Select(connection => Task.Run(() => WriteAsync(connection, rowsAtOnce, started))));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var all = new LatencyHistogram();
        foreach (var histogram in latencies) all.Add(histogram);
        var rate = all.Count * rowsAtOnce / seconds;
        report.Add(name, Cell.Count(rate), Cell.Of(all.Microseconds(50)), Cell.Of(all.Microseconds(99)), Cell.Ratio(rate / disk.RecordsPerSecond(connections.Count * rowsAtOnce)));
    }

    async Task<LatencyHistogram> WriteAsync(DbConnection connection, int rowsAtOnce, long started)
    {
        var (latencies, random, body) = (new LatencyHistogram(), new Random(connection.GetHashCode()), new byte[DiskProbe.RecordBytes]);
        await using var insert = await CommandAsync(connection, Insert, ("conversation", 0L), ("sequence", 0L), ("body", body));
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            var before = Stopwatch.GetTimestamp();
            await InsertAsync(connection, insert, rowsAtOnce, () => (random.Next(Conversations), Interlocked.Increment(ref _sequence)));
            latencies.Record((long)Stopwatch.GetElapsedTime(before).TotalNanoseconds);
        }

        return latencies;
    }

    async Task MeasurePagesAsync(string name, DbConnection connection, Report report)
    {
        var (latencies, random) = (new LatencyHistogram(), new Random(1));
        await using var select = await CommandAsync(connection, LatestPage, ("conversation", 0L));
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            var before = Stopwatch.GetTimestamp();
            select.Parameters[0].Value = (long)random.Next(Conversations);
            var rows = 0;
            await using (var reader = await select.ExecuteReaderAsync())
                for (; await reader.ReadAsync(); rows++) _ = reader.GetFieldValue<byte[]>(1);
            if (rows != PageSize) throw new InvalidDataException($"A page has {rows} rows.");
            latencies.Record((long)Stopwatch.GetElapsedTime(before).TotalNanoseconds);
        }

        report.Add(name, Cell.Count(latencies.Count / Stopwatch.GetElapsedTime(started).TotalSeconds), Cell.Of(latencies.Microseconds(50)), Cell.Of(latencies.Microseconds(99)), "");
    }

    static async Task FillAsync(DbConnection connection)
    {
        var (at, body) = (0, new byte[DiskProbe.RecordBytes]);
        await using var insert = await CommandAsync(connection, Insert, ("conversation", 0L), ("sequence", 0L), ("body", body));
        // Mixed, as messages come.
        await InsertAsync(connection, insert, Conversations * RowsPerConversation, () => (at % Conversations, (at++ / Conversations) + 1));
    }

    static async Task InsertAsync(DbConnection connection, DbCommand insert, int rows, Func<(long Conversation, long Sequence)> next)
    {
        await using var transaction = rows == 1 ? null : await connection.BeginTransactionAsync();
        insert.Transaction = transaction;
        for (var i = 0; i < rows; i++)
        {
            (insert.Parameters[0].Value, insert.Parameters[1].Value) = next();
            await insert.ExecuteNonQueryAsync();
        }

        if (transaction is not null) await transaction.CommitAsync();
    }

    static async Task<DbCommand> CommandAsync(DbConnection connection, string text, params (string Name, object Value)[] parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }

        await command.PrepareAsync();
        return command;
    }

    static async Task ExecuteAsync(DbConnection connection, params string[] statements)
    {
        foreach (var statement in statements)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = statement;
            await command.ExecuteNonQueryAsync();
        }
    }
}
