namespace Parley.Core.Users;

/// <summary>A user's dense number inside one app: 1, 2, 3 … below 2³¹, never given twice. 0 stands for the administration.</summary>
public readonly record struct UserNumber(uint Value)
{
    public const uint Limit = 1u << 31;

    public static readonly UserNumber Administration = new(0);
}
