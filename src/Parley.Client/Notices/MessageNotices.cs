using System.Text.Json;
using Parley.Client.Api;
using Parley.Client.Messages;
using Parley.Client.Storage;
using Parley.Client.Sync;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Client.Notices;

/// <summary>Recalls, deletions, edits, reactions, pins and read marks.</summary>
sealed class MessageNotices(LocalStore store, ReadMarks readMarks, string userId)
{
    /// <returns>Null for a type that says nothing to us.</returns>
    public ParleyEvent? Apply(MsgData notice, JsonElement tips) => notice.ContentType switch
    {
        NotificationTypes.Recalled => Recall(tips),
        NotificationTypes.Deleted => Delete(tips),
        NotificationTypes.Read => Read(tips),
        NotificationTypes.Business => Business(notice.SendID, tips),
        _ => null,
    };

    /// <summary>Of the newest servers: another device has read.</summary>
    public ParleyEvent? ReadElsewhere(JsonElement tips) => ReadByThisUser(tips.Text("conversationID"), tips.Whole("hasReadSeq"));

    ParleyEvent.MessageRecalled Recall(JsonElement tips)
    {
        var recall = new Recall(tips.Text("conversationID"), tips.Whole("seq"), tips.Text("revokerUserID"), JsonFields.At(tips.Whole("revokeTime")));
        var left = store.Operations.Recall(recall);
        readMarks.Touched(recall.ConversationId, [recall.Sequence]);
        return new ParleyEvent.MessageRecalled(recall, left);
    }

    ParleyEvent.MessagesDeleted? Delete(JsonElement tips)
    {
        var (conversation, sequences) = (tips.Text("conversationID"), tips.Wholes("seqs"));
        var deleted = store.Operations.Delete(conversation, sequences);
        readMarks.Touched(conversation, sequences);
        return deleted.Count > 0 ? new ParleyEvent.MessagesDeleted(conversation, deleted) : null;
    }

    ParleyEvent? Read(JsonElement tips)
    {
        var (reader, conversation, to) = (tips.Text("markAsReadUserID"), tips.Text("conversationID"), tips.Whole("hasReadSeq"));
        if (reader == userId) return ReadByThisUser(conversation, to);
        return store.Marks.RaisePeerRead(conversation, to) ? new ParleyEvent.ReadByPeer(conversation, reader, to) : null;
    }

    ParleyEvent.ReadElsewhere? ReadByThisUser(string conversation, long to)
    {
        var before = store.Marks.Of(conversation);
        store.Marks.RaiseReported(conversation, to);
        store.Operations.Touch(conversation);
        if (to <= before.Read) return null;
        if (to < before.CountedTo) readMarks.Uncounted(conversation);
        return new ParleyEvent.ReadElsewhere(conversation, to);
    }

    ParleyEvent? Business(string senderId, JsonElement tips)
    {
        var (key, text) = (tips.Text("key"), tips.Text("data"));
        if (!key.StartsWith("parley.", StringComparison.Ordinal)) return new ParleyEvent.BusinessNotice(senderId, key, text);
        JsonElement data;
        try { using (var document = JsonDocument.Parse(text)) data = document.RootElement.Clone(); }
        catch (JsonException) { return null; }

        var (conversation, sequence) = (data.Text("conversationID"), data.Whole("seq"));
        switch (key)
        {
            case "parley.edit":
                var edited = store.Operations.Edit(conversation, sequence, data.Small("contentType"), data.Text("content"));
                return new ParleyEvent.MessageEdited(conversation, sequence, data.Text("editorUserID"), edited);
            case "parley.reaction":
                return new ParleyEvent.Reacted(conversation, new Reaction(sequence, data.Text("userID"), data.Text("reaction")), data.Flag("removed"));
            case "parley.pin":
                return new ParleyEvent.MessagePinned(conversation, sequence, data.Text("userID"), data.Flag("pinned"));
            default:
                return null;
        }
    }
}
