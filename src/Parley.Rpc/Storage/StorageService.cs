using System.Runtime.CompilerServices;
using Google.Protobuf;
using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Sequencing;
using Parley.Core.Storage;
using Parley.Rpc.Protocol;
using Parley.Rpc.Server;
using Parley.Rpc.Storage.V1;
using Parley.Store;

namespace Parley.Rpc.Storage;

/// <summary>The methods of <c>parley.storage.v1.Storage</c>. Who calls them was found to be an administrator; commands judge it again.</summary>
sealed class StorageService(Sequencer sequencer, StorageReader reader, Log log, RpcOptions options)
{
    public const string Name = "parley.storage.v1.Storage";

    public IReadOnlyList<RpcMethod> Methods =>
    [
        RpcMethod.Of<SavePeerMessageRequest>("SavePeerMessage", request => request.App, SavePeerAsync),
        RpcMethod.Of<SavePeerGroupMessageRequest>("SavePeerGroupMessage", request => request.App, SavePeerGroupAsync),
        RpcMethod.Of<SaveGroupMessageRequest>("SaveGroupMessage", request => request.App, SaveGroupAsync),
        RpcMethod.Of<GetNewCountRequest>("GetNewCount", request => request.App, CountAsync),
        RpcMethod.Of<GetLatestMessageRequest>("GetLatestMessage", request => request.App, ReadLatestAsync),
        RpcMethod.Of<SyncMessageRequest>("SyncMessage", request => request.App, SyncAsync),
        RpcMethod.Of<SyncGroupMessageRequest>("SyncGroupMessage", request => request.App, SyncGroupAsync),
        RpcMethod.Of<PingRequest>("Ping", null, (ping, _) => ValueTask.FromResult(RpcAnswer.Of(new PingResponse { Value = ping.Value }))),
        RpcMethod.OfWholeLog<FollowRequest>("Follow", FollowAsync),
    ];

    async ValueTask<RpcAnswer> SavePeerAsync(SavePeerMessageRequest request, CancellationToken cancellation)
    {
        if (StorageMessages.Read(request.User) is not { } user) return RpcAnswer.Invalid("user is missing");
        var save = new SaveToInboxes(request.App, Actor.Administrator, ClientIdOf(request.ClientMessageId), StorageMessages.Read(request.Content), [user]);
        var (places, refusal) = await SaveAsync(save, cancellation);
        return refusal == Refusal.None ? RpcAnswer.Of(new SavePeerMessageResponse { Saved = StorageMessages.Write(places[0]) }) : RpcAnswer.Of(refusal);
    }

    async ValueTask<RpcAnswer> SavePeerGroupAsync(SavePeerGroupMessageRequest request, CancellationToken cancellation)
    {
        if (request.Members.Count == 0) return RpcAnswer.Invalid("members are missing");
        var members = new List<Addressee>(request.Members.Count);
        foreach (var name in request.Members)
        {
            if (StorageMessages.Read(name) is not { } member) return RpcAnswer.Invalid("a member has neither id nor number");
            members.Add(member);
        }

        var save = new SaveToInboxes(request.App, Actor.Administrator, ClientIdOf(request.ClientMessageId), StorageMessages.Read(request.Content), members);
        var (places, refusal) = await SaveAsync(save, cancellation);
        if (refusal != Refusal.None) return RpcAnswer.Of(refusal);
        var response = new SavePeerGroupMessageResponse();
        foreach (var place in places) response.Saved.Add(StorageMessages.Write(place));
        return RpcAnswer.Of(response);
    }

    async ValueTask<RpcAnswer> SaveGroupAsync(SaveGroupMessageRequest request, CancellationToken cancellation)
    {
        if (StorageMessages.Read(request.Group) is not { } group) return RpcAnswer.Invalid("group is missing");
        var save = new SaveToGroup(request.App, Actor.Administrator, ClientIdOf(request.ClientMessageId), StorageMessages.Read(request.Content), group);
        var outcome = await SubmitAsync(save, cancellation);
        if (!outcome.IsAccepted) return RpcAnswer.Of(outcome.Refusal);
        var place = reader.PlacesOf(outcome.Position, 1).Values.Single();
        return RpcAnswer.Of(new SaveGroupMessageResponse { Saved = StorageMessages.Write(place) });
    }

    async ValueTask<RpcAnswer> CountAsync(GetNewCountRequest request, CancellationToken cancellation)
    {
        if (StorageMessages.Read(request.User) is not { } user) return RpcAnswer.Invalid("user is missing");
        if (request.LastId < 0) return RpcAnswer.Invalid("last_id is negative");
        return await reader.CountInboxAsync(request.App, user, request.LastId) is { } count
            ? RpcAnswer.Of(new GetNewCountResponse { Count = count })
            : RpcAnswer.Of(Refusal.UnknownUser);
    }

    async ValueTask<RpcAnswer> ReadLatestAsync(GetLatestMessageRequest request, CancellationToken cancellation)
    {
        if (StorageMessages.Read(request.User) is not { } user) return RpcAnswer.Invalid("user is missing");
        if (request.Limit < 0) return RpcAnswer.Invalid("limit is negative");
        var page = await reader.ReadLatestAsync(request.App, user, CountOf(request.Limit), options.MaxPageBytes);
        if (page.Refusal != Refusal.None) return RpcAnswer.Of(page.Refusal);
        var response = new GetLatestMessageResponse { HasMore = page.HasMore };
        foreach (var entry in page.Entries) response.Messages.Add(StorageMessages.Write(entry));
        return RpcAnswer.Of(response);
    }

    async ValueTask<RpcAnswer> SyncAsync(SyncMessageRequest request, CancellationToken cancellation)
    {
        if (StorageMessages.Read(request.User) is not { } user) return RpcAnswer.Invalid("user is missing");
        if (request.LastId < 0 || request.Limit < 0) return RpcAnswer.Invalid("last_id or limit is negative");
        var page = await reader.ReadInboxAsync(request.App, user, request.LastId, CountOf(request.Limit), options.MaxPageBytes);
        if (page.Refusal != Refusal.None) return RpcAnswer.Of(page.Refusal);
        var response = new SyncMessageResponse { LastId = page.LastId, HasMore = page.HasMore, NewestId = page.NewestId };
        foreach (var entry in page.Entries) response.Messages.Add(StorageMessages.Write(entry));
        return RpcAnswer.Of(response);
    }

    async ValueTask<RpcAnswer> SyncGroupAsync(SyncGroupMessageRequest request, CancellationToken cancellation)
    {
        if (StorageMessages.Read(request.Group) is not { } group) return RpcAnswer.Invalid("group is missing");
        if (request.LastId < 0 || request.Limit < 0 || request.JoinedUs < 0) return RpcAnswer.Invalid("last_id, limit or joined_us is negative");
        if (request.User is not null && StorageMessages.Read(request.User) is null) return RpcAnswer.Invalid("user has neither id nor number");
        var page = await reader.ReadGroupAsync(request.App, group, StorageMessages.Read(request.User), request.LastId, request.JoinedUs, CountOf(request.Limit), options.MaxPageBytes);
        if (page.Refusal != Refusal.None) return RpcAnswer.Of(page.Refusal);
        var response = new SyncGroupMessageResponse { LastId = page.LastId, HasMore = page.HasMore, NewestId = page.NewestId };
        foreach (var entry in page.Entries) response.Messages.Add(StorageMessages.Write(entry));
        return RpcAnswer.Of(response);
    }

    /// <summary>Reads on only when what it read before was taken: a slow caller costs one answer's memory, and the writer nothing.</summary>
    async IAsyncEnumerable<IMessage> FollowAsync(FollowRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (request.Position < 0) throw new RpcException(RpcCode.InvalidArgument, "position is negative");
        var (position, committed) = (Math.Max(1, request.Position), sequencer.CommittedPosition);
        if (position > committed + 1) throw new RpcException(RpcCode.OutOfRange, $"position is {position}, and the log ends at {committed}");
        if (position < log.FirstPosition) throw new RpcException(RpcCode.OutOfRange, $"position is {position}, and the log begins at {log.FirstPosition}: what lies before was dropped");
        yield return new FollowResponse { Log = (ulong)log.LogId, Epoch = log.Epoch, Committed = committed };
        while (true)
        {
            await sequencer.WaitPastAsync(position - 1, cancellation);
            cancellation.ThrowIfCancellationRequested();
            committed = sequencer.CommittedPosition;
            var records = log.ReadFrom(position, (int)Math.Min(options.MaxStreamRecords, committed - position + 1), options.MaxStreamBytes);
            if (records[0].Position > position) throw new RpcException(RpcCode.OutOfRange, $"position {position} was dropped before it was read, and the log begins at {log.FirstPosition}");
            var response = new FollowResponse { Committed = committed };
            foreach (var record in records) response.Records.Add(StorageMessages.Write(record));
            position = records[^1].Position + 1;
            yield return response;
        }
    }

    async ValueTask<(SavedPlace[] Places, Refusal Refusal)> SaveAsync(SaveToInboxes save, CancellationToken cancellation)
    {
        var outcome = await SubmitAsync(save, cancellation);
        if (!outcome.IsAccepted) return ([], outcome.Refusal);
        // Accepted, so all are known: users are never forgotten.
        var (users, receivers) = await sequencer.QueryAsync((state, _) => state.App(save.App).Users is var table
            ? (save.Users.Select(name => name.TryFind(table, out var user) ? user : default).ToArray(), InboxFiling.Receivers(table, save.Users)!.Length)
            : default);
        var places = reader.PlacesOf(outcome.Position, (receivers + InboxFiling.MaxPerRecord - 1) / InboxFiling.MaxPerRecord);
        return ([.. users.Select(user => places[FeedIds.Inbox(user)])], Refusal.None);
    }

    /// <summary>Gives up waiting when the caller does; the command is then carried out all the same, or not.</summary>
    Task<Outcome> SubmitAsync(SaveCommand save, CancellationToken cancellation) => sequencer.SubmitAsync(save, cancellation: cancellation).WaitAsync(cancellation);

    int CountOf(int limit) => limit == 0 ? options.MaxPage : Math.Min(limit, options.MaxPage);

    static string ClientIdOf(string given) => given.Length > 0 ? given : Guid.NewGuid().ToString("N");
}
