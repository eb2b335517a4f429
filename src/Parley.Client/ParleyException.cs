namespace Parley.Client;

/// <summary>The server declined, or could not be asked.</summary>
/// <param name="code">The server's <c>errCode</c>, or one of the constants here.</param>
public sealed class ParleyException(int code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>There is no connection, or it was lost before the answer came; what was asked may have happened.</summary>
    public const int NotConnected = 10000;

    /// <summary>No answer within the time-out; what was asked may have happened.</summary>
    public const int TimedOut = 10001;

    /// <summary>The answer could not be read; what was asked may have happened.</summary>
    public const int Malformed = 10202;

    /// <summary>The client was stopped (kicked, token refused, logged out, disposed); unsent messages stay in the store.</summary>
    public const int Stopped = 10101;

    public int Code { get; } = code;

    /// <summary>Whether the same request may succeed later. Internal faults of a server (500, 80000 and above) count as passing.</summary>
    public bool IsPassing => Code is 500 or NotConnected or TimedOut or Malformed or >= 80000;
}
