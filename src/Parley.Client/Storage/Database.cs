using Microsoft.Data.Sqlite;

namespace Parley.Client.Storage;

/// <summary>One SQLite connection with its prepared statements. Parameters are named <c>$0</c>, <c>$1</c> … in order. Not for two threads at once.</summary>
sealed class Database : IDisposable
{
    readonly SqliteConnection _connection;
    readonly Dictionary<string, SqliteCommand> _prepared = [];
    SqliteTransaction? _transaction;

    public Database(string path)
    {
        SqliteEngine.EnsureChosen();
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            // A pooled connection would hold the file's lock after we are disposed.
            Pooling = false,
            DefaultTimeout = 1,
        }.ToString());
        try
        {
            _connection.Open();
            // Exclusive: the syncer keeps sequences in memory, so a second client on the same file must fail at the door.
            Execute("PRAGMA locking_mode=EXCLUSIVE");
            // What WAL with NORMAL may lose in a power cut, the server still has, except unsent messages of the last moments.
            Execute("PRAGMA journal_mode=WAL");
            Execute("PRAGMA synchronous=NORMAL");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public int Execute(string sql, params ReadOnlySpan<object?> arguments) => Prepare(sql, arguments).ExecuteNonQuery();

    public List<T> Query<T>(string sql, Func<SqliteDataReader, T> row, params ReadOnlySpan<object?> arguments)
    {
        using var reader = Prepare(sql, arguments).ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(row(reader));
        return rows;
    }

    /// <returns>0 when there is no row, or NULL in it.</returns>
    public long Number(string sql, params ReadOnlySpan<object?> arguments) =>
        Prepare(sql, arguments).ExecuteScalar() is long number ? number : 0;

    /// <summary>Runs <paramref name="work"/> wholly or not at all. Does not nest.</summary>
    public T InTransaction<T>(Func<T> work)
    {
        using var transaction = _connection.BeginTransaction();
        _transaction = transaction;
        try
        {
            var result = work();
            transaction.Commit();
            return result;
        }
        finally { _transaction = null; }
    }

    public void Dispose()
    {
        foreach (var command in _prepared.Values) command.Dispose();
        _prepared.Clear();
        _connection.Dispose();
    }

    SqliteCommand Prepare(string sql, ReadOnlySpan<object?> arguments)
    {
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = _connection.CreateCommand();
            // Every text comes from a constant of this project; values travel as parameters.
#pragma warning disable CA2100
            command.CommandText = sql;
#pragma warning restore CA2100
            for (var i = 0; i < arguments.Length; i++) command.Parameters.Add(new SqliteParameter { ParameterName = $"${i}" });
            _prepared.Add(sql, command);
        }
        command.Transaction = _transaction;
        for (var i = 0; i < arguments.Length; i++) command.Parameters[i].Value = arguments[i] ?? DBNull.Value;
        return command;
    }
}
