using Parley.Core.Groups;
using Parley.Core.Records;
using Parley.Core.Users;

namespace Parley.Core.Tests;

[CollectionDefinition(nameof(MembershipMemoryTests), DisableParallelization = true)]
public sealed class MeasuredAlone;

[Collection(nameof(MembershipMemoryTests))]
public sealed class MembershipMemoryTests
{
    [Fact]
    public void A_million_memberships_take_48_bytes_each()
    {
        const int Users = 20_000, Groups = 20_000, MembersPerGroup = 50, MaxBytes = 48;
        var app = new AppState(new DedupeOptions());
        for (var i = 1u; i <= Users; i++) app.Users.Add(new UserRegistered(new UserNumber(i), $"u{i}", "", "", "", null), time: 1);
        for (var i = 1u; i <= Groups; i++) app.Groups.Add(new GroupNumber(i), $"g{i}");

        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var group = 1u; group <= Groups; group++)
            for (var i = 0u; i < MembersPerGroup; i++)
                app.Members.Enter(new GroupNumber(group), new UserNumber((((group * 7) + (i * 397)) % Users) + 1), i == 0 ? GroupRole.Owner : GroupRole.Member, JoinSource.Administration, default, default, 1, 0);
        var bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)(Groups * MembersPerGroup);

        Assert.Equal(Groups * MembersPerGroup, app.Members.Count);
        Assert.True(bytes <= MaxBytes, $"{bytes:f1} bytes a membership; {MaxBytes} are planned for.");
        GC.KeepAlive(app);
    }
}
