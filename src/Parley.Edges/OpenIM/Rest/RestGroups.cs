using Parley.Core;
using Parley.Core.Groups;
using Parley.Core.Sequencing;

namespace Parley.Edges.OpenIM.Rest;

/// <summary>Which group a call is about, and whether who calls may look into it.</summary>
sealed class RestGroups(Sequencer sequencer)
{
    /// <summary>Asks the state about a group that the caller has a part in.</summary>
    /// <param name="least">The role that the caller must have; administrators of the server need none.</param>
    /// <param name="query">As <see cref="Sequencer.QueryAsync"/>'s.</param>
    public ValueTask<(Refusal Refusal, T? Result)> AskAsync<T>(RestCall call, string? groupId, GroupRole least, Func<AppState, GroupNumber, T> query)
        => sequencer.QueryAsync((state, _) =>
        {
            var app = state.App(call.App);
            var refusal = Judge(app, call, groupId, least, out var group);
            return refusal == Refusal.None ? (refusal, query(app, group)) : (refusal, default(T));
        });

    /// <summary>The same, of a state at hand.</summary>
    public static Refusal Judge(AppState app, RestCall call, string? groupId, GroupRole least, out GroupNumber group)
    {
        if (!app.Groups.TryFind(groupId ?? "", out group)) return Refusal.UnknownGroup;
        if (call.IsAdministrator) return Refusal.None;
        var role = app.Members.RoleOf(group, call.Actor.User);
        return role >= least ? Refusal.None : role == GroupRole.None ? Refusal.NotAMember : Refusal.NotAllowed;
    }
}
