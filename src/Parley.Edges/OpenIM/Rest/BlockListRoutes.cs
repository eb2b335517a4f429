using Parley.Core.Contacts;
using Parley.Core.Conversations;
using Parley.Core.Lists;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Edges.OpenIM.Translation;
using Parley.Wire.OpenIM;

namespace Parley.Edges.OpenIM.Rest;

/// <summary><c>/friend</c>: a user's list of blocked users, in pages, by name, and what changed since a version.</summary>
sealed class BlockListRoutes(Sequencer sequencer, ListReader lists, ListVersions versions, OpenIMOptions options)
{
    public void Map(RestRoutes routes)
    {
        routes.MapFor<PageRequest>("/friend/get_black_list", request => request.UserID, GetPageAsync);
        routes.MapFor<SomeRequest>("/friend/get_specified_blacks", request => request.OwnerUserID, GetSomeAsync);
        routes.MapFor<IncrementalRequest>("/friend/get_incremental_blacks", request => request.UserID, GetChangesAsync);
    }

    async ValueTask<RestAnswer> GetPageAsync(RestCall call, UserNumber user, PageRequest request)
    {
        if (!Paging.TryRead(request.Pagination, options, out var start, out var count)) return Paging.TooLarge(options);
        var (total, page) = await sequencer.QueryAsync((state, _) =>
        {
            var contacts = state.App(call.App).Contacts;
            return (contacts.BlockCount(user), contacts.BlocksOf(user, start, count).ToArray());
        });
        return RestAnswer.Of(new { Blacks = Write(page), Total = total });
    }

    async ValueTask<RestAnswer> GetSomeAsync(RestCall call, UserNumber user, SomeRequest request)
    {
        if (request.UserIDList is not { } ids || ids.Length > options.MaxIdsPerRequest) return RestAnswer.Error(ErrorCodes.Arguments, "no or too many ids");
        var found = await sequencer.QueryAsync((state, _) =>
        {
            var app = state.App(call.App);
            var found = new List<Block>();
            foreach (var id in ids)
                if (app.Users.TryFind(id ?? "", out var other) && app.Contacts.TryFindBlock(user, other, out var block)) found.Add(block!);
            return found;
        });
        return RestAnswer.Of(new { Blacks = Write(found).NullIfEmpty(), Total = found.Count });
    }

    async ValueTask<RestAnswer> GetChangesAsync(RestCall call, UserNumber user, IncrementalRequest request)
    {
        var version = await sequencer.QueryAsync((state, _) => state.App(call.App).Contacts.BlocksVersion(user));
        var changes = versions.Delta(lists, call.App, FeedIds.Blocks(user), request.VersionID, request.Version, version);
        var (deleted, inserted, updated) = changes is not { Count: > 0 } ? ([], [], []) : await sequencer.QueryAsync((state, _) =>
        {
            var app = state.App(call.App);
            var (gone, added, changed) = (new List<string>(), new List<Block>(), new List<Block>());
            foreach (var (entry, wasAdded) in changes)
            {
                var other = new UserNumber((uint)entry);
                if (!app.Contacts.TryFindBlock(user, other, out var block)) gone.Add(app.Users.IdOf(other));
                else (wasAdded ? added : changed).Add(block!);
            }

            return (gone, added, changed);
        });
        return RestAnswer.Of(new
        {
            Version = ListVersions.Of(version),
            VersionID = versions.Id,
            Full = changes is null,
            Delete = deleted,
            Insert = Write(inserted),
            Update = Write(updated),
        });
    }

    BlackInfo[] Write(IEnumerable<Block> blocks) => [.. blocks.Select(block => ContactObjects.Block(block, options.AdminUserId))];

    sealed record PageRequest(string? UserID, Pagination? Pagination);

    sealed record SomeRequest(string? OwnerUserID, string?[]? UserIDList);
}
