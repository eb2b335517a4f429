using System.Text;
using Parley.Core.Conversations;
using Parley.Core.Messages;
using Parley.Core.Records;
using Parley.Core.Storage;
using Parley.Core.Users;

namespace Parley.Core.Commands;

/// <summary>What a back end may save, and where it is filed: only where the command names.</summary>
sealed class StorageRules(CoreOptions options)
{
    const int MaxClientIdBytes = 64;

    public void Decide(AppState app, SaveToInboxes save, long now, PastMessage? past, Decision decision)
    {
        var refusal = Judge(save);
        if (refusal == Refusal.None && save.Users.Count == 0) refusal = Refusal.UnknownUser;
        if (refusal == Refusal.None && save.Users.Count > options.MaxInboxesPerCommand) refusal = Refusal.TooMany;
        var users = refusal == Refusal.None ? InboxFiling.Receivers(app.Users, save.Users) : [];
        if (refusal == Refusal.None && users is null) refusal = Refusal.UnknownUser;
        if (refusal != Refusal.None)
        {
            decision.Refuse(refusal);
            return;
        }

        var record = new MessageSaved(save.ClientId, save.Content.ToBody(), InboxFiling.FingerprintOf(users!));
        if (Repeats.TryAnswer(app, record.NameIn(FeedIds.Inbox(users![0])), record.Fingerprint, now, past, decision)) return;
        foreach (var receivers in users.Chunk(InboxFiling.MaxPerRecord))
        {
            decision.Append(record, [.. receivers.Select(FeedIds.Inbox)]);
            record = record with { ClientId = "" };
        }
    }

    public void Decide(AppState app, SaveToGroup save, long now, PastMessage? past, Decision decision)
    {
        var refusal = Judge(save);
        var group = default(Groups.GroupNumber);
        if (refusal == Refusal.None && !save.Group.TryFind(app.Groups, out group)) refusal = Refusal.UnknownGroup;
        if (refusal != Refusal.None)
        {
            decision.Refuse(refusal);
            return;
        }

        var conversation = ConversationKey.Of(group);
        var message = new Message(UserNumber.Administration, save.ClientId, ContentKind.Raw, save.Content.ToBody(), now / 1_000, Sessions.Platforms.Administration)
        {
            Traits = MessageTraits.System,
        };
        ref var head = ref app.Groups.Row(group);
        if (Repeats.TryAnswer(app, MessageName.Of(message, conversation), RememberedMessages.FingerprintOf(message), now, past, decision)) return;
        if (head.IsDismissed) decision.Refuse(Refusal.GroupDismissed);
        // Members keep sequences in 32 bits.
        else if (head.Last >= uint.MaxValue) decision.Refuse(Refusal.TooMany);
        else decision.Append(new MessageSent(message), conversation.Feed);
    }

    Refusal Judge(SaveCommand save) => !save.Actor.MayManage ? Refusal.NotAllowed
        : save.ClientId.Length == 0 || Encoding.UTF8.GetByteCount(save.ClientId) > MaxClientIdBytes ? Refusal.InvalidId
        : save.Content.Bytes.IsEmpty ? Refusal.EmptyMessage
        : save.Content.Bytes.Length > options.MaxMessageBytes ? Refusal.TooLarge
        : Refusal.None;
}
