namespace Parley.Testing.Disks;

/// <summary>The process or the machine stopped here. An <see cref="IOException"/>, as every failure of a disk is.</summary>
public sealed class SimulatedCrashException(long call) : IOException($"Simulated crash at disk call {call}.");
