using Parley.Core;
using Parley.Core.Sequencing;
using Parley.Core.Users;

namespace Parley.Edges.OpenIM.Rest;

/// <summary>Turns the user ids of requests into numbers.</summary>
sealed class RestUsers(Sequencer sequencer, OpenIMOptions options)
{
    public async ValueTask<RestAnswer> WithAsync(string userId, Func<UserNumber, ValueTask<RestAnswer>> answer)
    {
        var (isKnown, user) = await sequencer.QueryAsync((state, _) => (state.App(options.App).Users.TryFind(userId, out var found), found));
        return isKnown ? await answer(user) : RestAnswer.Of(Refusal.UnknownUser);
    }
}
