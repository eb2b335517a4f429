using Parley.Core.Sessions;

namespace Parley.Core.Commands;

/// <summary>Where rules begin: who may do what, and what becomes of it. Each area has its rules; none changes anything or waits.</summary>
sealed class Decider(CoreOptions options, SessionTable sessions)
{
    readonly MessageRules _messages = new(options, sessions);
    readonly OperationRules _operations = new(options);
    readonly ErasureRules _erasures = new(options);
    readonly ConversationRules _conversations = new(options);
    readonly GroupRules _groups = new(options);
    readonly MembershipRules _memberships = new(options);
    readonly ContactRules _contacts = new(options);
    readonly UserRules _users = new(options);
    readonly StorageRules _storage = new(options);
    readonly SessionRules _sessions = new(options, sessions);

    /// <param name="now">µs; the time the command's first record would get.</param>
    public void Decide(State state, Submission submission, long now, Decision decision)
    {
        var app = state.App(submission.Command.App);
        // What a device asked for before it heard that its user was erased. Its token is gone by itself.
        if (app.Users.IsErased(submission.Command.Actor.User) && submission.Command is not (OpenSession or CloseSession))
        {
            decision.Refuse(Refusal.NotAllowed);
            return;
        }

        // What the fold does not hold may be taken back yet, or is not to be shown: a replica lacks it.
        var past = submission.Past is { } found && found.Message.Position <= state.Position ? found : null;
        switch (submission.Command)
        {
            case SendMessage send: _messages.Decide(app, send, now, past, decision); break;
            case SendNotification send: _messages.Decide(app, send, decision); break;
            case RecallMessage recall: _operations.Decide(app, recall, now, decision); break;
            case EditMessage edit: _operations.Decide(app, edit, now, decision); break;
            case DeleteMessages delete: _operations.Decide(app, delete, now, decision); break;
            case HideMessages hide: _operations.Decide(app, hide, decision); break;
            case React react: _operations.Decide(app, react, now, decision); break;
            case PinMessage pin: _operations.Decide(app, pin, now, decision); break;
            case EraseMessages erase: _erasures.Decide(app, erase, decision); break;
            case EraseConversation erase: _erasures.Decide(app, erase, decision); break;
            case CutConversation cut: RetentionRules.Decide(app, cut, decision); break;
            case EraseUser erase: UserErasureRules.Decide(app, erase, decision); break;
            case MoveMark move: ConversationRules.Decide(app, move, decision); break;
            case ClearConversation clear: ConversationRules.Decide(app, clear, decision); break;
            case ChangeConversation change: _conversations.Decide(app, change, now, decision); break;
            case CreateGroup or ChangeGroup or DismissGroup or TransferGroup or MuteGroup or MakeSuperGroup:
                _groups.Decide(app, (GroupCommand)submission.Command, now, decision);
                break;
            case GroupCommand membership: _memberships.Decide(app, membership, now, decision); break;
            case ContactCommand contact: _contacts.Decide(app, contact, now, decision); break;
            case RegisterUsers register: _users.Decide(app, register, decision); break;
            case ChangeProfile change: _users.Decide(app, change, decision); break;
            case SetUserValue set: _users.Decide(app, set, decision); break;
            case SaveToInboxes save: _storage.Decide(app, save, now, past, decision); break;
            case SaveToGroup save: _storage.Decide(app, save, now, past, decision); break;
            case OpenSession open: _sessions.Decide(app, open, now, decision); break;
            case CloseSession: break;
            case AdjustSession adjust: _sessions.Decide(adjust, submission.Session!, decision); break;
            case IssueToken issue: _sessions.Decide(app, issue, now, decision); break;
            case RevokeTokens revoke: SessionRules.Decide(app, revoke, decision); break;
            default: decision.Refuse(Refusal.NotAllowed); break;
        }
    }
}
