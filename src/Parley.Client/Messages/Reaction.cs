namespace Parley.Client.Messages;

/// <param name="Symbol">An emoji, or a name that the application knows.</param>
public sealed record Reaction(long Sequence, string UserId, string Symbol);

/// <summary>Who of a group has read a message.</summary>
/// <param name="UserIds">A page of those asked for: readers, or those who have not read it.</param>
public sealed record MessageReaders(long ReadCount, long UnreadCount, IReadOnlyList<string> UserIds);
