using Parley.Client.Api;
using Parley.Client.Contacts;
using Parley.Client.Groups;
using Parley.Client.Storage;
using Parley.Client.Sync;

namespace Parley.Client.Lists;

/// <summary>Tells what became different in the lists, and draws the consequences. Events are dropped while the queue is full: the store tells the same.</summary>
sealed class ListEvents(LocalStore store, EventQueue events, ReadMarks readMarks)
{
    /// <param name="isFirst">The list was not known before: everything in it is new here and nothing of it is news.</param>
    public async Task TellAsync(VersionedList list, ListDifference difference, bool isFirst, CancellationToken ct)
    {
        if (list.Equals(VersionedList.Conversations)) await TakeConversationsAsync(difference, isFirst, ct);
        else if (list.Equals(VersionedList.Groups)) TakeGroups(difference, isFirst);
        else if (isFirst || difference.IsNone) return;
        else if (list.Equals(VersionedList.Friends)) TakeFriends(difference);
        else if (list.Equals(VersionedList.Blocked)) events.Tell(new ParleyEvent.BlockedChanged());
        else if (list.GroupId is { } groupId) events.Tell(new ParleyEvent.MembersChanged(groupId));
    }

    /// <summary>A group as it is now; ignored unless this user is in it.</summary>
    public void TellGroup(ListEntry group)
    {
        if (store.Lists.Update(VersionedList.Groups.Name, group)) events.Tell(new ParleyEvent.GroupChanged(GroupAt(group.Id)));
    }

    async Task TakeConversationsAsync(ListDifference difference, bool isFirst, CancellationToken ct)
    {
        store.Conversations.Show(difference.Added);
        store.Conversations.Hide(difference.Removed);
        foreach (var conversation in difference.Added.Concat(difference.Changed))
        {
            var first = store.Lists.Find(VersionedList.Conversations.Name, conversation).Whole("minSeq");
            var cleared = first > 1 && first <= Gap.MaxSequence && store.Marks.RaiseFirst(conversation, first);
            if (cleared) readMarks.Uncounted(conversation);
            if (cleared && !isFirst) events.Tell(new ParleyEvent.ConversationCleared(conversation));
        }
        if (!isFirst)
        {
            foreach (var conversation in difference.Added.Concat(difference.Changed).Concat(difference.Removed)) events.Tell(new ParleyEvent.ConversationChanged(conversation));
        }
        await readMarks.TrySettleAsync(ct);
    }

    void TakeGroups(ListDifference difference, bool isFirst)
    {
        foreach (var groupId in difference.Removed) store.Lists.Forget(VersionedList.MembersOf(groupId).Name);
        if (isFirst) return;
        foreach (var groupId in difference.Added) events.Tell(new ParleyEvent.GroupJoined(GroupAt(groupId)));
        foreach (var groupId in difference.Changed) events.Tell(new ParleyEvent.GroupChanged(GroupAt(groupId)));
        foreach (var groupId in difference.Removed) events.Tell(new ParleyEvent.GroupLeft(groupId));
    }

    void TakeFriends(ListDifference difference)
    {
        foreach (var userId in difference.Added) events.Tell(new ParleyEvent.FriendAdded(FriendAt(userId)));
        foreach (var userId in difference.Changed) events.Tell(new ParleyEvent.FriendChanged(FriendAt(userId)));
        foreach (var userId in difference.Removed) events.Tell(new ParleyEvent.FriendRemoved(userId));
    }

    Group GroupAt(string groupId) => Group.Read(store.Lists.Find(VersionedList.Groups.Name, groupId));

    Friend FriendAt(string userId) => Friend.Read(store.Lists.Find(VersionedList.Friends.Name, userId));
}
