namespace Parley.Simulation;

/// <summary>Bugs planted to prove that the simulation finds their kind.</summary>
enum Plant
{
    None,

    /// <summary>The disk says "synced" and has done nothing: acks leave before what they say is durable.</summary>
    AckBeforeSync,

    /// <summary>Recovery keeps the first part of a batch that was not acked.</summary>
    BatchHalfApplied,

    /// <summary>Messages are remembered for no time at all.</summary>
    RepeatNumberedTwice,
}
