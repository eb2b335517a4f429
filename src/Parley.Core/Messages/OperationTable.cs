using System.Runtime.InteropServices;
using Parley.Core.Conversations;
using Parley.Core.Snapshots;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Messages;

/// <summary>What became of a message after it was sent.</summary>
public enum MessageFate : byte
{
    /// <summary>Nothing.</summary>
    None = 0,
    Edited = 1,
    Recalled = 2,

    /// <summary>For everyone.</summary>
    Deleted = 3,
}

/// <summary>What the state knows of a message that is not as most are: 16 bytes.</summary>
public readonly record struct MessageOperation
{
    const int FateShift = 56;
    const long NotCountedBit = 1L << 55;
    readonly long _packed;

    /// <param name="position">Of the record that says so.</param>
    /// <param name="isNotCounted">It was never meant to count as unread.</param>
    internal MessageOperation(long sequence, MessageFate fate, long position, bool isNotCounted = false)
        => (Sequence, _packed) = (sequence, ((long)fate << FateShift) | (isNotCounted ? NotCountedBit : 0) | position);

    public long Sequence { get; }

    public MessageFate Fate => (MessageFate)(_packed >>> FateShift);

    public long Position => _packed & (NotCountedBit - 1);

    internal bool IsNotCounted => (_packed & NotCountedBit) != 0;

    internal bool CountsAsUnread => !IsNotCounted && Fate is not (MessageFate.Recalled or MessageFate.Deleted);
}

/// <summary>The messages that are no longer as they were sent, and those a user hid: sorted lists of 16 bytes an entry.</summary>
sealed class OperationTable
{
    readonly Dictionary<FeedId, List<MessageOperation>> _operations = [];
    readonly Dictionary<FeedId, Dictionary<UserNumber, List<long>>> _hidden = [];

    public void Set(ConversationKey conversation, MessageOperation operation)
    {
        ref var list = ref CollectionsMarshal.GetValueRefOrAddDefault(_operations, conversation.Feed, out _);
        list ??= new List<MessageOperation>(2);
        var at = IndexOf(list, operation.Sequence);
        if (at < list.Count && list[at].Sequence == operation.Sequence)
            list[at] = new MessageOperation(operation.Sequence, operation.Fate, operation.Position, operation.IsNotCounted || list[at].IsNotCounted);
        else list.Insert(at, operation);
    }

    public void Hide(ConversationKey conversation, UserNumber user, long sequence)
    {
        ref var users = ref CollectionsMarshal.GetValueRefOrAddDefault(_hidden, conversation.Feed, out _);
        ref var list = ref CollectionsMarshal.GetValueRefOrAddDefault(users ??= new(1), user, out _);
        list ??= new List<long>(2);
        var at = list.BinarySearch(sequence);
        if (at < 0) list.Insert(~at, sequence);
    }

    public MessageOperation Of(ConversationKey conversation, long sequence)
    {
        if (!_operations.TryGetValue(conversation.Feed, out var list)) return default;
        var at = IndexOf(list, sequence);
        return at < list.Count && list[at].Sequence == sequence ? list[at] : default;
    }

    public bool IsHidden(ConversationKey conversation, UserNumber user, long sequence)
        => HiddenBy(user, conversation) is { } list && list.BinarySearch(sequence) >= 0;

    /// <summary>What happened to messages of a range, ascending.</summary>
    public IReadOnlyList<MessageOperation> In(ConversationKey conversation, long from, long to)
    {
        if (!_operations.TryGetValue(conversation.Feed, out var list)) return [];
        var (start, end) = (IndexOf(list, from), to == long.MaxValue ? list.Count : IndexOf(list, to + 1));
        return list.GetRange(start, end - start);
    }

    public IReadOnlyList<long> HiddenIn(ConversationKey conversation, UserNumber user, long from, long to)
    {
        if (HiddenBy(user, conversation) is not { } list) return [];
        var (start, end) = (IndexOf(list, from), to == long.MaxValue ? list.Count : IndexOf(list, to + 1));
        return list.GetRange(start, end - start);
    }

    /// <summary>How many messages of a range do not count as unread for a user.</summary>
    public long UncountedIn(ConversationKey conversation, UserNumber user, long from, long to)
    {
        var uncounted = 0L;
        if (_operations.TryGetValue(conversation.Feed, out var operations))
            for (var at = IndexOf(operations, from); at < operations.Count && operations[at].Sequence <= to; at++)
                if (!operations[at].CountsAsUnread) uncounted++;

        if (HiddenBy(user, conversation) is not { } hidden) return uncounted;
        for (var at = IndexOf(hidden, from); at < hidden.Count && hidden[at] <= to; at++)
            if (Of(conversation, hidden[at]) is var known && (known.Sequence == 0 || known.CountsAsUnread)) uncounted++;
        return uncounted;
    }

    /// <summary>Forgets everything about messages up to one.</summary>
    public void Cut(ConversationKey conversation, long upTo)
    {
        if (_operations.TryGetValue(conversation.Feed, out var list))
        {
            list.RemoveRange(0, IndexOf(list, upTo + 1));
            if (list.Count == 0) _operations.Remove(conversation.Feed);
            else if (list.Count < list.Capacity / 4) list.TrimExcess();
        }

        if (!_hidden.TryGetValue(conversation.Feed, out var users)) return;
        foreach (var (user, sequences) in users)
        {
            sequences.RemoveRange(0, IndexOf(sequences, upTo + 1));
            // Removing is the one change that a walk over a dictionary bears.
            if (sequences.Count == 0) users.Remove(user);
        }

        if (users.Count == 0) _hidden.Remove(conversation.Feed);
    }

    List<long>? HiddenBy(UserNumber user, ConversationKey conversation)
        => _hidden.TryGetValue(conversation.Feed, out var users) ? users.GetValueOrDefault(user) : null;

    public void Write(StateWriter output)
    {
        output.Begin(Section.Operations, version: 1);
        output.Count(_operations.Count);
        foreach (var (conversation, list) in _operations.OrderBy(entry => entry.Key.Value))
        {
            output.Value(conversation.Value);
            output.Count(list.Count);
            output.Values<MessageOperation>(CollectionsMarshal.AsSpan(list));
        }

        var hidden = _hidden.SelectMany(entry => entry.Value, (entry, byUser) => (User: byUser.Key, Conversation: entry.Key, List: byUser.Value)).ToList();
        output.Count(hidden.Count);
        foreach (var (user, conversation, list) in hidden.OrderBy(entry => entry.User.Value).ThenBy(entry => entry.Conversation.Value))
        {
            output.Value(user.Value);
            output.Value(conversation.Value);
            output.Count(list.Count);
            output.Values<long>(CollectionsMarshal.AsSpan(list));
        }

        output.End();
    }

    public void Read(StateReader input)
    {
        input.Begin(Section.Operations, newest: 1);
        for (var left = input.Count(); left > 0; left--)
        {
            var list = _operations[new FeedId(input.Value<ulong>())] = input.List<MessageOperation>();
            for (var i = 1; i < list.Count; i++)
                if (list[i].Sequence <= list[i - 1].Sequence) throw input.Broken("operations are not in order");
        }

        for (var left = input.Count(); left > 0; left--)
        {
            var (user, conversation) = (new UserNumber(input.Value<uint>()), new FeedId(input.Value<ulong>()));
            if (!_hidden.TryGetValue(conversation, out var users)) _hidden[conversation] = users = new(1);
            var list = users[user] = input.List<long>();
            for (var i = 1; i < list.Count; i++)
                if (list[i] <= list[i - 1]) throw input.Broken("hidden messages are not in order");
        }

        input.End();
    }

    static int IndexOf(List<MessageOperation> list, long sequence)
    {
        var (low, high) = (0, list.Count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (list[middle].Sequence < sequence) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    static int IndexOf(List<long> list, long sequence)
    {
        var at = list.BinarySearch(sequence);
        return at < 0 ? ~at : at;
    }
}
