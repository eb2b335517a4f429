using Parley.Core;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Wire.OpenIM;

namespace Parley.Edges.OpenIM.Rest;

/// <summary>Who a call acts for.</summary>
sealed class RestUsers(Sequencer sequencer)
{
    /// <summary>Goes on with the user that the call names, if the caller may act for them and they exist.</summary>
    public async ValueTask<RestAnswer> ActAsync(RestCall call, string? userId, Func<UserNumber, ValueTask<RestAnswer>> answer)
    {
        if (userId is not { Length: > 0 }) return RestAnswer.Error(ErrorCodes.Arguments, "no user id");
        if (!call.MayActFor(userId)) return RestAnswer.Error(ErrorCodes.NoPermission, "not your user id");
        var (isKnown, user) = await sequencer.QueryAsync((state, _) => (state.App(call.App).Users.TryFind(userId, out var found), found));
        return isKnown ? await answer(user) : RestAnswer.Of(Refusal.UnknownUser);
    }
}
