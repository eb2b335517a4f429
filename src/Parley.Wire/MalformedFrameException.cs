namespace Parley.Wire;

/// <summary>A peer sent bytes that no frame of its protocol can be. The connection's state is then unknown: close it.</summary>
/// <remarks>The only exception a codec of this project throws for what came from outside, whatever came.</remarks>
/// <param name="what">The part that is wrong, e.g. <c>gob string</c>.</param>
/// <param name="offset">Where, in bytes from the start of what was given to the codec.</param>
/// <param name="found">What stands there; never text a user wrote.</param>
/// <param name="allowed">What could have stood there.</param>
public sealed class MalformedFrameException(string what, long offset, string found, string allowed, Exception? inner = null)
    : Exception($"Malformed {what} at byte {offset}: found {found}, allowed is {allowed}.", inner)
{
    /// <summary>Bytes from the start of what was given to the codec.</summary>
    public long Offset { get; } = offset;
}
