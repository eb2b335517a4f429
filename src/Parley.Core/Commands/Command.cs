using Parley.Core.Users;

namespace Parley.Core.Commands;

public enum ActorKind
{
    None = 0,

    /// <summary>A user, proven by a token.</summary>
    User = 1,

    /// <summary>An administrator, proven by an admin token.</summary>
    Administrator = 2,

    /// <summary>The operator of this process: its command line, or an edge that checked the server's secret.</summary>
    Operator = 3,
}

/// <summary>Who wants something done. Edges set it from what they verified; <c>Decide</c> judges it.</summary>
public readonly record struct Actor(ActorKind Kind, UserNumber User)
{
    public static readonly Actor Operator = new(ActorKind.Operator, default);
    public static readonly Actor Administrator = new(ActorKind.Administrator, default);

    public static Actor Of(UserNumber user) => new(ActorKind.User, user);

    internal bool MayManage => Kind is ActorKind.Administrator or ActorKind.Operator;

    internal bool MayActFor(UserNumber user) => MayManage || (Kind == ActorKind.User && User == user);
}

/// <summary>What someone wants. Plain serialisable data: another node may have to carry it.</summary>
public abstract record Command(long App, Actor Actor)
{
    /// <summary>The client's name for this request, if its protocol has one. Deliveries that follow at once carry it; it is kept nowhere.</summary>
    public string Trace { get; init; } = "";

    /// <summary>Whether it counts against its user's message rate: whatever others are told of does.</summary>
    public virtual bool IsRated => false;
}
