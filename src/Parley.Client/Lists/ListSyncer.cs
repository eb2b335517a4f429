using System.Text.Json.Nodes;
using Parley.Client.Api;
using Parley.Client.Connection;
using Parley.Client.Storage;

namespace Parley.Client.Lists;

/// <summary>
/// Keeps the lists of the local store level with the server: by what changed since the known version, else by reading them anew. One list at a time; requests for a list
/// that waits already count as one.
/// </summary>
sealed class ListSyncer(ApiClient api, LocalStore store, Func<bool> isConnected, ListEvents events, ParleyClientOptions options)
{
    // A list that loses entries while its pages are read may hide one of them between two pages: it is read again, but not for ever.
    const int MaxFullReads = 3;
    const int PerRequest = 100;

    readonly Lock _lock = new();
    readonly Signal _turn = new(isSet: true);
    readonly Signal _requested = new();
    readonly HashSet<VersionedList> _waiting = [];
    readonly BackOff _backOff = new(options.BackOff, options.BackOffJitter, options.Random);
    readonly HashSet<string> _conversations = new(StringComparer.Ordinal);
    bool _groupsMayDiffer;

    /// <summary>Has lists brought level soon.</summary>
    public void Request(params ReadOnlySpan<VersionedList> lists)
    {
        lock (_lock) foreach (var list in lists) _waiting.Add(list);
        _requested.Set();
    }

    /// <summary>Conversations that are known to differ: what was cleared shows in them alone.</summary>
    public void RequestConversations(IEnumerable<string> conversations)
    {
        lock (_lock) _conversations.UnionWith(conversations);
        Request(VersionedList.Conversations);
    }

    /// <summary>If the members of the group are kept here.</summary>
    public void RequestMembers(string groupId)
    {
        if (VersionedList.MembersOf(groupId) is var list && store.Lists.IsKept(list.Name)) Request(list);
    }

    /// <summary>For a new connection: whatever was told while there was none.</summary>
    public void RequestAll()
    {
        lock (_lock) _groupsMayDiffer = true;
        Request(VersionedList.Friends, VersionedList.Groups, VersionedList.Conversations, VersionedList.Blocked);
        foreach (var name in store.Lists.Names())
        {
            if (VersionedList.MembersFrom(name) is { } members) Request(members);
        }
    }

    public async Task RunAsync(CancellationToken ct)
    {
        while (true)
        {
            await _requested.WaitAsync(ct);
            while (Next() is { } list) await TryAsync(list, ct);
            bool details;
            string[] conversations;
            lock (_lock)
            {
                (details, _groupsMayDiffer) = (_groupsMayDiffer, false);
                conversations = [.. _conversations];
                _conversations.Clear();
            }
            if (conversations.Length > 0) await TryUpdateConversationsAsync(conversations, ct);
            if (details) await TryUpdateGroupsAsync([.. store.Lists.Read(VersionedList.Groups.Name).Select(group => group.Text("groupID"))], ct);
        }
    }

    /// <summary>Brings lists level now, as far as the server can be asked; else later.</summary>
    public async Task RefreshAsync(IReadOnlyList<VersionedList> lists, CancellationToken ct)
    {
        foreach (var list in lists)
        {
            try { await SyncAsync(list, ct); }
            catch (ParleyException) { Request(list); }
        }
    }

    /// <summary>As <see cref="RefreshAsync"/>, for whatever is kept of a group.</summary>
    public async Task RefreshGroupAsync(string groupId, CancellationToken ct)
    {
        await RefreshAsync([VersionedList.Groups], ct);
        if (VersionedList.MembersOf(groupId) is var members && store.Lists.IsKept(members.Name)) await RefreshAsync([members], ct);
        await TryUpdateGroupsAsync([groupId], ct);
    }

    /// <summary>As <see cref="RefreshAsync"/>, for conversations that are known to differ.</summary>
    public async Task RefreshConversationsAsync(IReadOnlyList<string> conversations, CancellationToken ct)
    {
        await RefreshAsync([VersionedList.Conversations], ct);
        await TryUpdateConversationsAsync(conversations, ct);
    }

    /// <exception cref="ParleyException">Declined, or not to be asked.</exception>
    public async Task SyncAsync(VersionedList list, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            var known = store.Lists.VersionOf(list.Name);
            var difference = list.ChangesPath is null ? await ReadAnewAsync(list, ct) : await ReadChangesAsync(list, known ?? ListVersion.None, ct);
            if (difference is { } differs) await events.TellAsync(list, differs, isFirst: known is null, ct);
        }
        finally { _turn.Set(); }
    }

    VersionedList? Next()
    {
        lock (_lock)
        {
            // Ordered, so that one seed gives one run; few wait at a time.
            var next = _waiting.MinBy(list => list.Name, StringComparer.Ordinal);
            if (next is not null) _waiting.Remove(next);
            return next;
        }
    }

    async Task TryAsync(VersionedList list, CancellationToken ct)
    {
        try
        {
            await SyncAsync(list, ct);
            _backOff.Reset();
        }
        catch (ParleyException e) when (e.IsPassing && isConnected())
        {
            await Task.Delay(_backOff.Next(), options.TimeProvider, ct);
            Request(list);
        }
        // The next connection requests every list; a refusal would only be repeated.
        catch (ParleyException) { }
    }

    async Task<ListDifference> ReadAnewAsync(VersionedList list, CancellationToken ct) =>
        store.Lists.Replace(list.Name, ListVersion.None, await ReadPagesAsync(list, ct));

    async Task<ListDifference?> ReadChangesAsync(VersionedList list, ListVersion known, CancellationToken ct)
    {
        var changes = await AskChangesAsync(list, known, ct);
        // No list: of members, a group that is gone or that this user may not look into.
        if (changes.Version.Id.Length == 0)
        {
            if (list.GroupId is not null) store.Lists.Forget(list.Name);
            return null;
        }
        if (changes.IsFull) return await ReadFullAsync(list, changes, ct);
        if (changes.Group is { } group) events.TellGroup(group);
        return store.Lists.Change(list.Name, changes.Version, changes.Removed, changes.Put);
    }

    /// <summary>The version was asked for before the pages, so what happens between them shows in the changes since.</summary>
    async Task<ListDifference> ReadFullAsync(VersionedList list, ListChanges start, CancellationToken ct)
    {
        if (list.Equals(VersionedList.Groups)) lock (_lock) _groupsMayDiffer = false;
        for (var read = 1; ; read++)
        {
            var entries = await ReadPagesAsync(list, ct);
            var since = await AskChangesAsync(list, start.Version, ct);
            var isLevel = since.Version == start.Version;
            if (!isLevel && (since.IsFull || since.Removed.Count > 0) && read < MaxFullReads)
            {
                start = since;
                continue;
            }
            var merged = entries.ToDictionary(entry => entry.Id);
            foreach (var entry in since.Put) merged[entry.Id] = entry;
            foreach (var id in since.Removed) merged.Remove(id);
            return store.Lists.Replace(list.Name, since.IsFull || since.Version.Id.Length == 0 ? start.Version : since.Version, [.. merged.Values]);
        }
    }

    Task<ListChanges> AskChangesAsync(VersionedList list, ListVersion known, CancellationToken ct) =>
        api.AskAsync(list.ChangesPath!, list.ChangesBody(api.UserId, known), list.ReadChanges, ct);

    async Task<List<ListEntry>> ReadPagesAsync(VersionedList list, CancellationToken ct)
    {
        var entries = new Dictionary<string, ListEntry>(StringComparer.Ordinal);
        for (var number = 1; ; number++)
        {
            var page = await api.AskAsync(list.PagePath, list.PageBody(api.UserId, number), list.ReadPage, ct);
            var before = entries.Count;
            foreach (var entry in page) entries[entry.Id] = entry;
            // A page that brings nothing new would be followed by others like it.
            if (page.Count < list.PageLength || entries.Count == before || entries.Count >= options.MaxListLength) break;
        }
        if (list.IdsPath is not null && entries.Count >= list.PageLength) await ReadSlippedAsync(list.IdsPath, entries, ct);
        return [.. entries.Values];
    }

    async Task ReadSlippedAsync(string idsPath, Dictionary<string, ListEntry> entries, CancellationToken ct)
    {
        var ids = await api.AskAsync(idsPath, new JsonObject { ["userID"] = api.UserId, ["idHash"] = 0 }, data => data.Texts("conversationIDs"), ct);
        foreach (var some in ids.Except(entries.Keys).Chunk(PerRequest))
        {
            foreach (var entry in await AskConversationsAsync(some, ct)) entries[entry.Id] = entry;
        }
    }

    Task<List<ListEntry>> AskConversationsAsync(IEnumerable<string> conversations, CancellationToken ct) => api.AskAsync(
        "/conversation/get_conversations", new JsonObject { ["ownerUserID"] = api.UserId, ["conversationIDs"] = JsonFields.Array(conversations) },
        data => data.Items("conversations").Select(VersionedList.Conversations.Entry).ToList(), ct);

    async Task TryUpdateConversationsAsync(IReadOnlyList<string> conversations, CancellationToken ct)
    {
        foreach (var some in conversations.Chunk(PerRequest))
        {
            try
            {
                var entries = await AskConversationsAsync(some, ct);
                var changed = store.Atomically(() => entries.Where(entry => store.Lists.Update(VersionedList.Conversations.Name, entry)).Select(entry => entry.Id).ToList());
                await events.TellAsync(VersionedList.Conversations, new ListDifference([], changed, []), isFirst: false, ct);
            }
            catch (ParleyException) { }
        }
    }

    /// <summary>What a group is called and the like is no change of the list of groups.</summary>
    async Task TryUpdateGroupsAsync(IReadOnlyList<string> groupIds, CancellationToken ct)
    {
        foreach (var some in groupIds.Chunk(PerRequest))
        {
            try
            {
                var groups = await api.AskAsync(
                    "/group/get_groups_info", new JsonObject { ["groupIDs"] = JsonFields.Array(some) }, data => data.Items("groupInfos").Select(VersionedList.GroupEntry).ToList(), ct);
                foreach (var group in groups) events.TellGroup(group);
            }
            catch (ParleyException) { }
        }
    }
}
