using Parley.Core.Contacts;

namespace Parley.Core.Groups;

/// <summary>Someone asked to be let in, or was invited and needs approval. There is one per group and user; asking again renews it.</summary>
/// <param name="RequestedAt">Record time, µs. Likewise <paramref name="AnsweredAt"/>, 0 while open.</param>
/// <param name="AnswererId">Empty while open and for the administration.</param>
public sealed record GroupApplication(string GroupId, Users.UserProfile User, string Message, string Extra, JoinSource Source, string InviterId, long RequestedAt,
    Answer Answer, string AnswererId, string AnswerMessage, long AnsweredAt);
