using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Edges.OpenIM.Translation;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.OpenIM.Rest;

/// <summary><c>/user</c>: profiles.</summary>
sealed class UserRoutes(Sequencer sequencer, RestUsers users, OpenIMOptions options)
{
    public void Map(RestRoutes routes)
    {
        routes.Map<UsersInfoRequest>("/user/get_users_info", RestAccess.TokenHolder, GetUsersInfoAsync);
        routes.Map<ChangeRequest>("/user/update_user_info", RestAccess.TokenHolder, (call, request) => ChangeAsync(call, request.UserInfo?.WithoutEmpty()));
        routes.Map<ChangeRequest>("/user/update_user_info_ex", RestAccess.TokenHolder, (call, request) => ChangeAsync(call, request.UserInfo));
        routes.Map<Profile>("/user/set_global_msg_recv_opt", RestAccess.TokenHolder, (call, request)
            => ChangeAsync(call, new Profile(request.UserID, null, null, null, request.GlobalRecvMsgOpt ?? (int)ReceiveOption.Notify)));
    }

    /// <summary>For someone else's eyes.</summary>
    public static UserInfo Info(UserProfile profile) => ContactObjects.User(profile, showsSettings: false);

    async ValueTask<RestAnswer> GetUsersInfoAsync(RestCall call, UsersInfoRequest request)
    {
        if (request.UserIDs is not { } ids || ids.Length > options.MaxIdsPerRequest) return RestAnswer.Error(ErrorCodes.Arguments, "no or too many ids");
        var profiles = await sequencer.QueryAsync((state, _) =>
        {
            var users = state.App(call.App).Users;
            var found = new List<UserProfile>();
            foreach (var id in ids)
                if (id is not null && users.TryFind(id, out var user)) found.Add(users.Profile(user));
            return found;
        });
        return RestAnswer.Of(new { UsersInfo = profiles.Select(profile => ContactObjects.User(profile, call.MayActFor(profile.Id))).ToArray() });
    }

    ValueTask<RestAnswer> ChangeAsync(RestCall call, Profile? profile) => users.ActAsync(call, profile?.UserID, async _ =>
    {
        if (profile!.GlobalRecvMsgOpt is { } receive && !Enum.IsDefined((ReceiveOption)receive)) return RestAnswer.Error(ErrorCodes.Arguments, "globalRecvMsgOpt is 0, 1 or 2");
        var change = new ChangeProfile(call.App, call.Actor, profile.UserID!, profile.Nickname, profile.FaceURL, profile.Ex, (ReceiveOption?)profile.GlobalRecvMsgOpt) { Trace = call.OperationId };
        return RestAnswer.Of((await sequencer.SubmitAsync(change)).Refusal);
    });

    sealed record UsersInfoRequest(string?[]? UserIDs);

    sealed record ChangeRequest(Profile? UserInfo);

    sealed record Profile(string? UserID, string? Nickname, string? FaceURL, string? Ex, int? GlobalRecvMsgOpt)
    {
        /// <summary>Of the older call, which can't say "leave it" but by saying nothing.</summary>
        public Profile WithoutEmpty() => new(UserID, NullIfEmpty(Nickname), NullIfEmpty(FaceURL), NullIfEmpty(Ex), GlobalRecvMsgOpt is 0 ? null : GlobalRecvMsgOpt);

        static string? NullIfEmpty(string? text) => text is { Length: > 0 } ? text : null;
    }
}

/// <summary>A request that says nothing but whose.</summary>
sealed record UserRequest(string? UserID);
