using System.Text.Json;
using Parley.Client.Api;
using Parley.Client.Lists;
using Parley.Client.Messages;
using Parley.Client.Storage;
using Parley.Client.Sync;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Client.Notices;

/// <summary>
/// Applies what happened besides messages, in order, to the local store, and tells it. What concerns messages and marks is applied as it stands; what concerns a list has
/// that list brought level. One it can't read is passed over, as the protocol wants.
/// </summary>
sealed class NoticeReader(LocalStore store, EventQueue events, ReadMarks readMarks, ListSyncer lists, ListEvents listEvents, string userId)
{
    readonly MessageNotices _messages = new(store, readMarks, userId);
    readonly GroupNotices _groups = new(lists, listEvents, userId);

    /// <param name="syncedTo">Raises the synced sequence of the notices' conversation, together with what they change; 0 leaves it.</param>
    public async Task TakeAsync(string conversation, IEnumerable<MsgData> notices, long syncedTo, CancellationToken ct)
    {
        var told = store.Atomically(() =>
        {
            var happened = notices.Select(Apply).OfType<ParleyEvent>().ToList();
            if (syncedTo > 0) store.RaiseSynced(conversation, syncedTo);
            return happened;
        });
        foreach (var one in told) await events.WriteAsync(one, ct);
    }

    ParleyEvent? Apply(MsgData notice)
    {
        if (notice.Status >= (int)MessageState.Deleted) return null;
        try
        {
            var tips = ContentJson.Inner(notice.Content.ToStringUtf8(), "detail");
            return notice.ContentType switch
            {
                >= 1200 and < 1300 => ContactNotices.Apply(notice.ContentType, tips, lists),
                NotificationTypes.OwnProfileChanged => new ParleyEvent.ProfileChanged(),
                >= 1500 and < 1600 => _groups.Apply(notice.ContentType, tips),
                NotificationTypes.ConversationChanged or >= 1700 and < 1800 => ApplyToConversations(notice.ContentType, tips),
                _ => _messages.Apply(notice, tips),
            };
        }
        // A value of another kind than the protocol's.
        catch (Exception e) when (e is InvalidOperationException or FormatException) { return null; }
    }

    ParleyEvent? ApplyToConversations(int type, JsonElement tips)
    {
        if (type == NotificationTypes.ReadElsewhere) return _messages.ReadElsewhere(tips);
        lists.RequestConversations(ConversationIdsIn(tips));
        return null;
    }

    static IReadOnlyList<string> ConversationIdsIn(JsonElement tips) => [.. tips.Texts("conversationIDs"), .. tips.Texts("conversationIDList")];
}
