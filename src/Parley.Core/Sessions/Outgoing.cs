namespace Parley.Core.Sessions;

/// <summary>Something in an outbox: a delivery, or an answer that the session's owner asked to be put in its committed place between them.</summary>
public abstract class Outgoing
{
    /// <summary>Bytes it keeps in memory, roughly; counts against the outbox's bound.</summary>
    public abstract int Size { get; }
}
