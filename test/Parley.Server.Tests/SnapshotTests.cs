namespace Parley.Server.Tests;

public sealed class SnapshotTests
{
    [Fact]
    public async Task A_stop_writes_a_snapshot_and_the_next_start_begins_with_it()
    {
        using var scratch = new Scratch();
        using (var server = await ServerProcess.ServeAsync(scratch["data"]))
        {
            using var backEnd = await BackEnd.ConnectAsync(server.Address, scratch["data"]);
            await backEnd.RegisterAsync("alice", "bob");
            Assert.Equal(0, await server.StopAsync());
            Assert.Contains("Snapshot of position 3 written", server.Errors, StringComparison.Ordinal);
        }

        Assert.Single(Directory.GetFiles(scratch["data/log"], "*.snapshot"));
        using (var server = await ServerProcess.ServeAsync(scratch["data"]))
        {
            Assert.Contains("the state began with the snapshot of position 3", server.Errors, StringComparison.Ordinal);
            using var backEnd = await BackEnd.ConnectAsync(server.Address, scratch["data"]);
            Assert.NotEmpty(await backEnd.TokenAsync("alice", 1));
            Assert.Equal(0, await server.StopAsync());
        }
    }
}
