namespace Parley.Rpc.Tests;

/// <summary>One server with default options for the tests of a class; each test has users of its own.</summary>
public sealed class RunningRpcFixture : IAsyncLifetime
{
    public RunningRpc Rpc { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Rpc = await RunningRpc.StartAsync();

    public ValueTask DisposeAsync() => Rpc.DisposeAsync();
}
