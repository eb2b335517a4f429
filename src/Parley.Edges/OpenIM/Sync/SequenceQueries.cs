using Parley.Core.Users;
using Parley.Edges.OpenIM.Translation;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.OpenIM.Sync;

/// <summary>How far conversations go and how far they were read: requests 1001 and 1006 and their REST forms.</summary>
sealed class SequenceQueries(UserConversations conversations, OpenIMOptions options)
{
    public async ValueTask<GetMaxSeqResp> NewestAsync(long app, UserNumber user, string userId)
    {
        var answer = new GetMaxSeqResp();
        var all = await conversations.AllAsync(app, user);
        foreach (var conversation in all)
        {
            if (conversation.View.Last == 0) continue;
            answer.MaxSeqs[conversation.Id] = conversation.View.Last;
            if (conversation.View.Minimum > 1) answer.MinSeqs[conversation.Id] = conversation.View.Minimum;
        }

        foreach (var (id, first, last) in conversations.NoticesOf(app, user, userId, all))
        {
            answer.MaxSeqs[id] = last;
            if (first > 1) answer.MinSeqs[id] = first;
        }

        return answer;
    }

    /// <returns>Null when too much was asked for.</returns>
    public async ValueTask<GetConversationsHasReadAndMaxSeqResp?> HasReadAndMaxAsync(long app, UserNumber user, GetConversationsHasReadAndMaxSeqReq request)
    {
        if (request.ConversationIDs.Count > options.MaxRangesPerRequest) return null;
        IEnumerable<UserConversation> found = request.ConversationIDs.Count == 0
            ? await conversations.AllAsync(app, user)
            : (await conversations.FindAsync(app, user, request.ConversationIDs)).Values;

        var answer = new GetConversationsHasReadAndMaxSeqResp();
        foreach (var conversation in found)
        {
            answer.Seqs[conversation.Id] = new Seqs
            {
                MaxSeq = conversation.View.Last,
                HasReadSeq = conversation.ReadAsCounted,
                MaxSeqTime = MessageTranslation.Milliseconds(conversation.View.LastTime),
            };
            if (request.ReturnPinned && conversation.View.Settings.IsPinned) answer.PinnedConversationIDs.Add(conversation.Id);
        }

        return answer;
    }
}
