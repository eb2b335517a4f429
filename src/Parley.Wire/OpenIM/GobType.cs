namespace Parley.Wire.OpenIM;

/// <summary>Gob's built-in type ids that a field of an envelope may have. Others (float 4, …) never occur in one.</summary>
enum GobType : byte
{
    Unknown = 0,
    Bool = 1,
    Int = 2,
    Uint = 3,
    Bytes = 5,
    Text = 6,
}
