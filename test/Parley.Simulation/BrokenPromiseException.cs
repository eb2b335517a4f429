namespace Parley.Simulation;

/// <summary>The server did what <c>design.md</c> §8 says it never does.</summary>
/// <param name="promise">Number of the promise there; 0 when the server got stuck or died.</param>
sealed class BrokenPromiseException(int promise, string what) : Exception($"Promise {promise}: {what}")
{
    public int Promise { get; } = promise;
}
