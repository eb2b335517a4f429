using System.Runtime.InteropServices;
using Parley.Core.Conversations;
using Parley.Core.Snapshots;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Messages;

/// <summary>Who is meant by messages that a user has not read.</summary>
[Flags]
public enum MentionState : byte
{
    None = 0,
    Me = 1,
    Everyone = 2,
}

/// <summary>The last messages of each group that mention somebody: the newest <see cref="MaxPerGroup"/>.</summary>
sealed class MentionTable
{
    const int MaxPerGroup = 200;

    readonly Dictionary<FeedId, List<(long Sequence, bool IsForAll, UserNumber[] Users)>> _mentions = [];

    public void Add(ConversationKey group, long sequence, bool isForAll, UserNumber[] users)
    {
        ref var list = ref CollectionsMarshal.GetValueRefOrAddDefault(_mentions, group.Feed, out _);
        list ??= new(1);
        if (list.Count == MaxPerGroup) list.RemoveAt(0);
        list.Add((sequence, isForAll, users));
    }

    /// <summary>Forgets whom messages mention; their places stay, so that the same ones leave for newer ones whether or not the messages can still be read.</summary>
    /// <param name="sequences">Ascending.</param>
    public void Erase(ConversationKey group, IReadOnlyList<long> sequences)
    {
        if (!_mentions.TryGetValue(group.Feed, out var list)) return;
        var erased = sequences.ToHashSet();
        for (var i = 0; i < list.Count; i++)
            if (erased.Contains(list[i].Sequence)) list[i] = (list[i].Sequence, false, []);
    }

    /// <summary>Forgets mentions up to a message, places and all: there are the same ones in every replay.</summary>
    public void Cut(ConversationKey group, long upTo)
    {
        if (!_mentions.TryGetValue(group.Feed, out var list)) return;
        list.RemoveAll(mention => mention.Sequence <= upTo);
        if (list.Count == 0) _mentions.Remove(group.Feed);
    }

    /// <summary>Forgets that messages mention a user.</summary>
    public void Forget(UserNumber user)
    {
        foreach (var list in _mentions.Values)
            for (var i = 0; i < list.Count; i++)
                if (list[i].Users.Contains(user)) list[i] = list[i] with { Users = [.. list[i].Users.Where(one => one != user)] };
    }

    public void Write(StateWriter output)
    {
        output.Begin(Section.Mentions, version: 1);
        output.Count(_mentions.Count);
        foreach (var (group, list) in _mentions.OrderBy(entry => entry.Key.Value))
        {
            output.Value(group.Value);
            output.Count(list.Count);
            foreach (var (sequence, isForAll, users) in list)
            {
                output.Value(sequence);
                output.Value((byte)(isForAll ? 1 : 0));
                output.Count(users.Length);
                output.Values<UserNumber>(users);
            }
        }

        output.End();
    }

    public void Read(StateReader input)
    {
        input.Begin(Section.Mentions, newest: 1);
        for (var groups = input.Count(); groups > 0; groups--)
        {
            var list = _mentions[new FeedId(input.Value<ulong>())] = [];
            for (var left = input.Count(MaxPerGroup); left > 0; left--)
                list.Add((input.Value<long>(), input.Flag(), [.. input.List<UserNumber>()]));
        }

        input.End();
    }

    public MentionState Of(ConversationKey group, UserNumber user, long from, long to)
    {
        var state = MentionState.None;
        if (!_mentions.TryGetValue(group.Feed, out var list)) return state;
        for (var i = list.Count - 1; i >= 0 && list[i].Sequence >= from; i--)
        {
            if (list[i].Sequence > to) continue;
            if (list[i].IsForAll) state |= MentionState.Everyone;
            if (list[i].Users.Contains(user)) state |= MentionState.Me;
        }

        return state;
    }
}
