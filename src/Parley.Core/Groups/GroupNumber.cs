namespace Parley.Core.Groups;

/// <summary>A group's dense number inside one app: 1, 2, 3 … below 2³¹, never given twice.</summary>
public readonly record struct GroupNumber(uint Value)
{
    public const uint Limit = 1u << 31;
}
