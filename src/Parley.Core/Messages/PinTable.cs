using System.Runtime.InteropServices;
using Parley.Core.Conversations;
using Parley.Core.Snapshots;
using Parley.Store.Feeds;

namespace Parley.Core.Messages;

/// <summary>The messages that are pinned in the conversations of one app.</summary>
public sealed class PinTable
{
    readonly Dictionary<FeedId, List<long>> _pins = [];

    internal PinTable()
    {
    }

    /// <summary>Sequences, the one pinned last at the end.</summary>
    public IReadOnlyList<long> In(ConversationKey conversation) => _pins.TryGetValue(conversation.Feed, out var list) ? [.. list] : [];

    internal bool Contains(ConversationKey conversation, long sequence) => _pins.TryGetValue(conversation.Feed, out var list) && list.Contains(sequence);

    internal int Count(ConversationKey conversation) => _pins.TryGetValue(conversation.Feed, out var list) ? list.Count : 0;

    internal void Write(StateWriter output)
    {
        output.Begin(Section.Pins, version: 1);
        output.Count(_pins.Count);
        foreach (var (conversation, list) in _pins.OrderBy(entry => entry.Key.Value))
        {
            output.Value(conversation.Value);
            output.Count(list.Count);
            output.Values<long>(CollectionsMarshal.AsSpan(list));
        }

        output.End();
    }

    internal void Read(StateReader input)
    {
        input.Begin(Section.Pins, newest: 1);
        for (var left = input.Count(); left > 0; left--) _pins[new FeedId(input.Value<ulong>())] = input.List<long>();
        input.End();
    }

    /// <summary>Forgets pins of messages up to one.</summary>
    internal void Cut(ConversationKey conversation, long upTo)
    {
        if (!_pins.TryGetValue(conversation.Feed, out var list)) return;
        list.RemoveAll(sequence => sequence <= upTo);
        if (list.Count == 0) _pins.Remove(conversation.Feed);
    }

    internal void Set(ConversationKey conversation, long sequence, bool isPinned)
    {
        ref var list = ref CollectionsMarshal.GetValueRefOrAddDefault(_pins, conversation.Feed, out _);
        list ??= [];
        list.Remove(sequence);
        if (isPinned) list.Add(sequence);
        else if (list.Count == 0) _pins.Remove(conversation.Feed);
    }
}
