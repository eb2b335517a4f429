namespace Parley.Client.Connection;

/// <summary>The token of this login: renewed for each connection, remembered for REST calls.</summary>
sealed class TokenSource(Func<CancellationToken, Task<string>> fetch)
{
    volatile string? _latest;

    /// <exception cref="TransportException">The application's function failed.</exception>
    public async Task<string> RenewAsync(CancellationToken ct)
    {
        try { return _latest = await fetch(ct) ?? throw new InvalidOperationException("The token is null."); }
        // The function is the application's and mostly asks a server: its failures are of unknown types, and pass like a lost connection.
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            throw new TransportException($"No token could be fetched: {e.Message}", e);
        }
    }

    public async Task<string> LatestAsync(CancellationToken ct) => _latest ?? await RenewAsync(ct);
}
