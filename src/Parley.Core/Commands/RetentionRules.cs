using Parley.Core.Conversations;
using Parley.Core.Messages;
using Parley.Core.Records;

namespace Parley.Core.Commands;

/// <summary>Who may cut conversations.</summary>
static class RetentionRules
{
    public static void Decide(AppState app, CutConversation cut, Decision decision)
    {
        var key = cut.Conversation;
        var exists = key.Kind == ConversationKind.Group ? app.Groups.Contains(key.Group) : key.Kind == ConversationKind.Peer;
        var last = exists ? app.Conversations.LastSequence(key) : 0;
        if (!cut.Actor.MayManage) decision.Refuse(Refusal.NotAllowed);
        else if (last == 0) decision.Refuse(Refusal.UnknownConversation);
        else if (cut.SentBefore > 0 && cut.UpTo >= last && app.Conversations.LastTime(key) >= cut.SentBefore) decision.Refuse(Refusal.UnknownMessage);
        else if (Math.Min(cut.UpTo, last) is var upTo && upTo > app.Conversations.FloorOf(key))
        {
            var from = app.Conversations.FloorOf(key) + 1;
            var touched = app.Operations.In(key, from, upTo).FirstOrDefault(operation => operation.Fate != MessageFate.None).Sequence;
            var record = new ConversationCut(key, cut.Actor.User, from, upTo, touched, cut.SentBefore, cut.TellsDevices);
            if (cut.TellsDevices) decision.Append(record, FeedIds.Notices(key), FeedIds.Erasures);
            else decision.Append(record, FeedIds.Erasures);
        }
    }
}
