using Parley.Core.Conversations;
using Parley.Core.Records;

namespace Parley.Core.Commands;

/// <summary>What may be taken out of the log.</summary>
public sealed class ErasureRules
{
    /// <summary>Records that one <see cref="EraseConversation"/> becomes: each is a walk over the remembered client ids.</summary>
    public const int MaxRecords = 10;

    readonly CoreOptions _options;

    internal ErasureRules(CoreOptions options) => _options = options;

    internal void Decide(AppState app, EraseMessages erase, Decision decision)
    {
        if (Judge(app, erase.Actor, erase.Conversation, out var last) is var refusal && refusal != Refusal.None) decision.Refuse(refusal);
        else if (erase.Sequences.Count > _options.MaxMessagesPerCommand) decision.Refuse(Refusal.TooMany);
        else if (erase.Sequences.Any(sequence => sequence < 1 || sequence > last)) decision.Refuse(Refusal.UnknownMessage);
        else if (erase.Sequences.Count > 0) Append(erase.Actor, erase.Conversation, [.. erase.Sequences.Distinct().Order()], decision);
    }

    internal void Decide(AppState app, EraseConversation erase, Decision decision)
    {
        var refusal = Judge(app, erase.Actor, erase.Conversation, out var last);
        var upTo = Math.Min(erase.UpTo, last);
        if (refusal == Refusal.None && (erase.From < 1 || erase.From > upTo)) refusal = Refusal.UnknownMessage;
        if (refusal == Refusal.None && upTo - erase.From >= (long)_options.MaxMessagesPerCommand * MaxRecords) refusal = Refusal.TooMany;
        if (refusal != Refusal.None)
        {
            decision.Refuse(refusal);
            return;
        }

        for (var from = erase.From; from <= upTo; from += _options.MaxMessagesPerCommand)
        {
            var sequences = new long[Math.Min(_options.MaxMessagesPerCommand, upTo - from + 1)];
            for (var i = 0; i < sequences.Length; i++) sequences[i] = from + i;
            Append(erase.Actor, erase.Conversation, sequences, decision);
        }
    }

    static Refusal Judge(AppState app, Actor actor, ConversationKey conversation, out long last)
    {
        last = 0;
        if (!actor.MayManage) return Refusal.NotAllowed;
        if (conversation.Kind == ConversationKind.Group ? app.Groups.Contains(conversation.Group) : conversation.Kind == ConversationKind.Peer) last = app.Conversations.LastSequence(conversation);
        return last == 0 ? Refusal.UnknownConversation : Refusal.None;
    }

    static void Append(Actor actor, ConversationKey conversation, IReadOnlyList<long> sequences, Decision decision)
        => decision.Append(new MessagesErased(conversation, actor.User, sequences), FeedIds.Notices(conversation), FeedIds.Erasures);
}
