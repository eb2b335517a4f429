using System.Runtime.InteropServices;
using Parley.Core.Conversations;
using Parley.Core.Snapshots;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Messages;

public readonly record struct Reaction(UserNumber User, string Text);

/// <summary>Reactions to the messages of one app: 8 bytes each beside their message's list.</summary>
public sealed class ReactionTable
{
    readonly Dictionary<(FeedId Conversation, long Sequence), List<Given>> _reactions = [];
    // Few different texts are used over and over.
    readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);
    readonly List<string> _texts = [];

    internal ReactionTable()
    {
    }

    /// <summary>In the order they were given.</summary>
    public IReadOnlyList<Reaction> Of(ConversationKey conversation, long sequence)
        => _reactions.TryGetValue((conversation.Feed, sequence), out var list) ? [.. list.Select(entry => new Reaction(new UserNumber(entry.User), _texts[entry.Text]))] : [];

    internal int Count(ConversationKey conversation, long sequence) => _reactions.TryGetValue((conversation.Feed, sequence), out var list) ? list.Count : 0;

    internal bool Contains(ConversationKey conversation, long sequence, UserNumber user, string text)
        => _reactions.TryGetValue((conversation.Feed, sequence), out var list) && _indexes.TryGetValue(text, out var index) && list.Contains(new Given(user.Value, index));

    internal void Add(ConversationKey conversation, long sequence, UserNumber user, string text)
    {
        var index = IndexOf(text);
        ref var list = ref CollectionsMarshal.GetValueRefOrAddDefault(_reactions, (conversation.Feed, sequence), out _);
        (list ??= new(1)).Add(new Given(user.Value, index));
    }

    internal void Remove(ConversationKey conversation, long sequence, UserNumber user, string text)
    {
        if (!_reactions.TryGetValue((conversation.Feed, sequence), out var list) || !_indexes.TryGetValue(text, out var index)) return;
        list.Remove(new Given(user.Value, index));
        if (list.Count == 0) Clear(conversation, sequence);
    }

    /// <summary>Forgets a user's reactions, and the texts that nobody else used. The others are numbered anew, for which came first may no longer be told.</summary>
    internal void Forget(UserNumber user)
    {
        var before = _texts.ToArray();
        _texts.Clear();
        _indexes.Clear();
        foreach (var (key, list) in _reactions.OrderBy(entry => entry.Key.Conversation.Value).ThenBy(entry => entry.Key.Sequence).ToArray())
        {
            list.RemoveAll(given => given.User == user.Value);
            if (list.Count == 0) _reactions.Remove(key);
            for (var i = 0; i < list.Count; i++) list[i] = list[i] with { Text = IndexOf(before[list[i].Text]) };
        }
    }

    int IndexOf(string text)
    {
        if (_indexes.TryGetValue(text, out var index)) return index;
        _indexes[text] = index = _texts.Count;
        _texts.Add(text);
        return index;
    }

    internal void Write(StateWriter output)
    {
        output.Begin(Section.Reactions, version: 1);
        output.Count(_texts.Count);
        foreach (var text in _texts) output.Text(text);
        output.Count(_reactions.Count);
        foreach (var ((conversation, sequence), list) in _reactions.OrderBy(entry => entry.Key.Conversation.Value).ThenBy(entry => entry.Key.Sequence))
        {
            output.Value(conversation.Value);
            output.Value(sequence);
            output.Count(list.Count);
            output.Values<Given>(CollectionsMarshal.AsSpan(list));
        }

        output.End();
    }

    internal void Read(StateReader input, int users)
    {
        input.Begin(Section.Reactions, newest: 1);
        for (var left = input.Count(); left > 0; left--)
        {
            var text = input.NeededText();
            if (!_indexes.TryAdd(text, _texts.Count)) throw input.Broken("a text is there twice");
            _texts.Add(text);
        }

        for (var left = input.Count(); left > 0; left--)
        {
            var list = _reactions[(new FeedId(input.Value<ulong>()), input.Value<long>())] = input.List<Given>();
            foreach (var (user, text) in list)
                if (user >= users || (uint)text >= _texts.Count) throw input.Broken("a reaction is nobody's");
        }

        input.End();
    }

    internal void Clear(ConversationKey conversation, long sequence) => _reactions.Remove((conversation.Feed, sequence));

    /// <summary>Forgets reactions to messages of a stretch.</summary>
    internal void Cut(ConversationKey conversation, long from, long upTo)
    {
        // Whichever is shorter: a long stretch in which hardly anybody reacted, or all that is known.
        if (upTo - from >= _reactions.Count)
        {
            foreach (var key in _reactions.Keys.Where(key => key.Conversation == conversation.Feed && key.Sequence >= from && key.Sequence <= upTo).ToList()) _reactions.Remove(key);
            return;
        }

        for (var sequence = from; sequence <= upTo; sequence++) Clear(conversation, sequence);
    }

    /// <param name="Text">Index of the text.</param>
    readonly record struct Given(uint User, int Text);
}
