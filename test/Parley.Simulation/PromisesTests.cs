using System.Globalization;
using Parley.Core;
using Parley.Core.Commands;

namespace Parley.Simulation;

/// <summary>
/// The promises of design §8 that crashes could break. <c>PARLEY_SIMULATION_SCHEDULES</c> says how many schedules, <c>PARLEY_SIMULATION_HOURS</c> for how long from a random seed on,
/// <c>PARLEY_SEED</c> runs just one.
/// </summary>
public sealed class PromisesTests(ITestOutputHelper output)
{
    const int DefaultSchedules = 10_000;

    static readonly string[] CarriedOut =
    [
        nameof(CreateGroup), nameof(InviteMembers), nameof(JoinGroup), nameof(AnswerApplication), nameof(QuitGroup), nameof(RemoveMembers), nameof(TransferGroup), nameof(ChangeGroup),
        nameof(MuteGroup), nameof(MuteMember), nameof(ChangeMember), nameof(MakeSuperGroup), nameof(DismissGroup), nameof(RequestFriend), nameof(AnswerFriendRequest), nameof(DeleteFriend),
        nameof(ChangeFriends), nameof(ImportFriends), nameof(BlockUser), nameof(UnblockUser), nameof(ChangeConversation), nameof(ChangeProfile), nameof(SetUserValue), nameof(SendNotification),
        nameof(RecallMessage), nameof(EditMessage), nameof(DeleteMessages), nameof(HideMessages), nameof(React), nameof(PinMessage),
    ];

    [Fact]
    public void Are_kept_through_crashes_and_failing_disks()
    {
        if (Number("PARLEY_SEED") is { } seed)
        {
            var told = Campaign.Describe(seed);
            output.WriteLine(told);
            Assert.Null(Campaign.Failure(seed));
            return;
        }

        var failure = double.TryParse(Environment.GetEnvironmentVariable("PARLEY_SIMULATION_HOURS"), CultureInfo.InvariantCulture, out var hours)
            ? Campaign.FirstFailure(TimeSpan.FromHours(hours), Console.WriteLine)
            : Campaign.FirstFailure(firstSeed: 1, Number("PARLEY_SIMULATION_SCHEDULES") ?? DefaultSchedules);
        Assert.True(failure is null, failure);
    }

    [Fact]
    public void Are_checked_by_runs_that_a_seed_decides()
    {
        for (var seed = 1; seed <= 50; seed++) Assert.Equal(World.Run(seed), World.Run(seed));
    }

    [Fact]
    public void Are_checked_by_runs_that_come_by_all_kinds_of_trouble()
    {
        var reached = new Tally();
        for (var seed = 1; seed <= 800; seed++) World.Run(seed, reached: reached);
        output.WriteLine(reached.ToString());
        string[] trouble =
        [
            Tally.CrashWhileOpening, Tally.UnknownKept, Tally.UnknownLost, Tally.Repeat, Tally.LateRepeat, Tally.FullSegment, Tally.Kick, Tally.Overflow, Tally.WholeSession,
            Tally.CutSession, Tally.Digest, Tally.QuietEnd, Tally.NoStart, nameof(Refusal.OutcomeUnknown), nameof(Refusal.ReadOnly), nameof(Refusal.StoreFull),
            nameof(Refusal.MessageIdReused), nameof(Refusal.KickedToken), nameof(Refusal.UnknownToken), nameof(Refusal.RateLimited), nameof(Refusal.Stopping),
            Tally.SnapshotWritten, Tally.SnapshotFailed, Tally.SnapshotCut, Tally.SnapshotStart, Tally.DeedKept, Tally.DeedLost, Tally.GoneRead, Tally.EditRead, Tally.ListSynced, nameof(Refusal.NotAMember), nameof(Refusal.NotAllowed), nameof(Refusal.Muted),
            nameof(Refusal.GroupMuted), nameof(Refusal.GroupDismissed), nameof(Refusal.Blocked), nameof(Refusal.ReceiverDeclines), nameof(Refusal.MessageGone), nameof(Refusal.UnknownMessage),
            .. CarriedOut,
        ];
        Assert.All(trouble, what => Assert.True(reached[what] > 0, $"no run of 800 came by: {what}"));
    }

    static int? Number(string variable)
        => int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;
}
