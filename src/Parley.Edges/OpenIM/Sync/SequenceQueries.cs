using Parley.Core.Users;
using Parley.Edges.OpenIM.Translation;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.OpenIM.Sync;

/// <summary>How far conversations go and how far they were read: requests 1001 and 1006 and their REST forms.</summary>
sealed class SequenceQueries(UserConversations conversations, OpenIMOptions options)
{
    public async ValueTask<GetMaxSeqResp> NewestAsync(UserNumber user)
    {
        var answer = new GetMaxSeqResp();
        foreach (var conversation in await conversations.AllAsync(user))
        {
            if (conversation.View.Last == 0) continue;
            answer.MaxSeqs[conversation.Id] = conversation.View.Last;
            if (conversation.View.Minimum > 1) answer.MinSeqs[conversation.Id] = conversation.View.Minimum;
        }

        return answer;
    }

    /// <returns>Null when too much was asked for.</returns>
    public async ValueTask<GetConversationsHasReadAndMaxSeqResp?> HasReadAndMaxAsync(UserNumber user, GetConversationsHasReadAndMaxSeqReq request)
    {
        if (request.ConversationIDs.Count > options.MaxRangesPerRequest) return null;
        IEnumerable<UserConversation> found = request.ConversationIDs.Count == 0
            ? await conversations.AllAsync(user)
            : (await conversations.FindAsync(user, request.ConversationIDs)).Values;

        var answer = new GetConversationsHasReadAndMaxSeqResp();
        foreach (var conversation in found)
            answer.Seqs[conversation.Id] = new Seqs
            {
                MaxSeq = conversation.View.Last,
                HasReadSeq = conversation.View.Read,
                MaxSeqTime = MessageTranslation.Milliseconds(conversation.View.LastTime),
            };
        return answer;
    }
}
