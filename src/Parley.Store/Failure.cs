namespace Parley.Store;

/// <summary>The first failed write or sync: after it the log only reads, for a later sync that succeeds would prove nothing.</summary>
sealed class Failure
{
    sealed record Cause(string Reason, Exception Error);

    Cause? _cause;

    public bool IsSet => Volatile.Read(ref _cause) is not null;

    public string Reason => _cause?.Reason ?? "";

    public void Set(string reason, Exception error) => Interlocked.CompareExchange(ref _cause, new Cause(reason, error), null);

    public void ThrowIfSet()
    {
        if (Volatile.Read(ref _cause) is { } cause) throw new LogReadOnlyException(cause.Reason, cause.Error);
    }
}
