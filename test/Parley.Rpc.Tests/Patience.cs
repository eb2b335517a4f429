namespace Parley.Rpc.Tests;

/// <summary>Waits are for events. This only ends a test whose event never comes.</summary>
static class Patience
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    public static CancellationToken Token => new CancellationTokenSource(Limit).Token;

    public static Task<T> WithPatience<T>(this Task<T> task) => task.WaitAsync(Limit);

    public static Task WithPatience(this Task task) => task.WaitAsync(Limit);
}
