namespace Parley.Core.Snapshots;

/// <summary>A written state can't be taken over: it is damaged, cut off, contradicts itself or comes from a newer server. The log has everything: replay it instead.</summary>
public sealed class UnreadableStateException(string what) : IOException($"A written state can't be read: {what}.");
