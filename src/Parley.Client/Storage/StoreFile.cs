namespace Parley.Client.Storage;

/// <summary>The one database behind all stores: callers take turns, from any thread.</summary>
sealed class StoreFile(Database database) : IDisposable
{
    readonly Lock _turn = new();
    bool _inTransaction;
    bool _disposed;

    public T Take<T>(Func<Database, T> work)
    {
        lock (_turn)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return work(database);
        }
    }

    /// <summary>Wholly or not at all; joins the transaction that the caller is in.</summary>
    public T Atomically<T>(Func<Database, T> work)
    {
        lock (_turn)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_inTransaction) return work(database);
            _inTransaction = true;
            try { return database.InTransaction(() => work(database)); }
            finally { _inTransaction = false; }
        }
    }

    public void Dispose()
    {
        lock (_turn)
        {
            _disposed = true;
            database.Dispose();
        }
    }
}
