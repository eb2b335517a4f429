using Parley.Core.Conversations;

namespace Parley.Core.Commands;

/// <summary>Takes messages from everyone for good: gone at once for every reader, and soon their bytes from the log too. For administrators.</summary>
/// <param name="Sequences">At most <see cref="CoreOptions.MaxMessagesPerCommand"/>. What was recalled or deleted before may be among them: it is still in the log.</param>
public sealed record EraseMessages(long App, Actor Actor, ConversationKey Conversation, IReadOnlyList<long> Sequences) : Command(App, Actor);

/// <summary>The same with all messages of a stretch of a conversation.</summary>
/// <param name="UpTo">At most <see cref="ErasureRules.MaxRecords"/> times <see cref="CoreOptions.MaxMessagesPerCommand"/> messages from <paramref name="From"/> on; what was not sent yet is left out.</param>
public sealed record EraseConversation(long App, Actor Actor, ConversationKey Conversation, long From, long UpTo) : Command(App, Actor);

/// <summary>
/// Forgets a user for good: who they were at once, and soon what they wrote as well. Their number stays as <see cref="Users.UserIds.OfErased"/>, the id may be registered anew. For administrators.
/// </summary>
/// <remarks>Asked again by that id, it changes nothing but what is left: a user of many groups leaves <see cref="UserErasureRules.MaxGroups"/> of them each time, and <see cref="Erasing.Eraser"/> asks until all are left.</remarks>
public sealed record EraseUser(long App, Actor Actor, string UserId) : Command(App, Actor);
