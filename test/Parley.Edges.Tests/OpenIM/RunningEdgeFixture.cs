namespace Parley.Edges.Tests.OpenIM;

/// <summary>One edge with default options for the tests of a class; each test has users of its own.</summary>
public sealed class RunningEdgeFixture : IAsyncLifetime
{
    public RunningEdge Edge { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Edge = await RunningEdge.StartAsync();

    public ValueTask DisposeAsync() => Edge.DisposeAsync();
}
