namespace Parley.Simulation;

/// <summary>The simulation is worth something only if it finds bugs: here are some.</summary>
public sealed class PlantedBugsTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(nameof(Plant.AckBeforeSync), 50)]
    [InlineData(nameof(Plant.BatchHalfApplied), 200)]
    [InlineData(nameof(Plant.RepeatNumberedTwice), 50)]
    [InlineData(nameof(Plant.DedupeForgottenAfterWindow), 50)]
    [InlineData(nameof(Plant.DedupeForgottenOnRestart), 20)]
    [InlineData(nameof(Plant.RecallsForgottenOnRestart), 100)]
    [InlineData(nameof(Plant.MembershipAppliedTwice), 20)]
    [InlineData(nameof(Plant.SnapshotForgetsDedupe), 20)]
    [InlineData(nameof(Plant.RecordSkippedAfterSnapshot), 20)]
    [InlineData(nameof(Plant.SnapshotAheadOfCommit), 50)]
    public void Are_found_within_so_many_seeds(string plant, int seeds)
    {
        var found = Campaign.FirstFailure(firstSeed: 1, seeds, Enum.Parse<Plant>(plant));
        Assert.NotNull(found);
        Assert.Contains(nameof(BrokenPromiseException), found, StringComparison.Ordinal);
        output.WriteLine(found);
    }
}
