using Parley.Core.Messages;

namespace Parley.Core.Commands;

/// <summary>What a message gets whose name was used before.</summary>
static class Repeats
{
    /// <param name="past">What was found beyond memory; good only where memory knows nothing.</param>
    /// <returns>False when the message is new. Else it was refused, or gets the first answer.</returns>
    public static bool TryAnswer(AppState app, in MessageName name, ulong fingerprint, long now, PastMessage? past, Decision decision)
    {
        if (!app.Remembered.TryFind(name, now, out var first))
        {
            // What was cut is forgotten with its name.
            if (past is null || past.Message.Name != name || past.Message.Sequence <= app.Conversations.FloorOf(name.Conversation)) return false;
            first = past.Message;
            var operation = app.Operations.Of(name.Conversation, first.Sequence);
            if (operation.Fate == MessageFate.Deleted && operation.Position > past.SeenTo)
            {
                // Erased perhaps, and then it would be a new message: who asks again is told.
                decision.Refuse(Refusal.OutcomeUnknown);
                return true;
            }
        }

        if (first.Fingerprint != fingerprint) decision.Refuse(Refusal.MessageIdReused);
        else decision.Repeat(new Outcome(Refusal.None, first.Position, first.Sequence, first.Time));
        return true;
    }
}
