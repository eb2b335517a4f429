using Parley.Core.Groups;
using Parley.Core.Tokens;

namespace Parley.Simulation;

/// <summary>Who takes part, and what they draw: shared by all devices of a run, over all starts of the server.</summary>
sealed class Cast(Random random)
{
    static readonly int[] Platforms = [1, 1, 2, 3, 5];
    int _made;

    public List<Registration> Registrations { get; } = [];
    public List<UserName> Users { get; } = [];

    /// <summary>Users with devices: who groups are made of.</summary>
    public IReadOnlyList<UserName> Regulars { get; private set; } = [];
    public List<GroupPlan> Groups { get; } = [];
    public Random Random { get; } = random;

    public int NewPlatform() => Platforms[Random.Next(Platforms.Length)];

    public TokenKey NewTokenKey() => new(new UInt128((ulong)Random.NextInt64(), (ulong)Random.NextInt64()));

    /// <summary>Some ids look like an SDK's 32 hex digits, which are kept as they are, others not.</summary>
    public string NewClientId()
    {
        var number = ++_made;
        return SendName.ClientIdOf(number % 2 == 0 ? number.ToString("x32") : $"c{number}", Random.Next(6) == 0);
    }

    public string NewBody() => $"{++_made} ".PadRight(Random.Next(8) == 0 ? 1_200 : 10 + Random.Next(120), '.');

    /// <summary>Ends the choice of regulars.</summary>
    public void Begin() => Regulars = [.. Users];

    public UserName[] RegularsOf(long app) => [.. Regulars.Where(user => user.App == app)];

    public string NewText() => $"t{++_made}";

    public GroupPlan NewGroup(long app)
    {
        var group = new GroupPlan(app, $"g{++_made}", Random.Next(3) == 0 ? GroupKind.Super : GroupKind.Normal, IsOpen: Random.Next(2) == 0, ShowsHistory: Random.Next(2) == 0);
        Groups.Add(group);
        return group;
    }

    public Registration NewRegistration(long app, int size)
    {
        var ids = Enumerable.Range(0, size).Select(_ => $"u{++_made}").ToArray();
        var registration = new Registration(app, ids);
        Registrations.Add(registration);
        Users.AddRange(ids.Select(id => new UserName(app, id)));
        return registration;
    }

    public bool Chance(int percent) => Random.Next(100) < percent;

    public T OneOf<T>(IReadOnlyList<T> choices) => choices[Random.Next(choices.Count)];
}
