using Parley.Core.Snapshots;

namespace Parley.Core.Conversations;

/// <summary>What a user set for a conversation of theirs. Text is the application's and not interpreted.</summary>
public sealed record ConversationSettings
{
    public static readonly ConversationSettings Default = new();

    public ReceiveOption Receive { get; init; }
    public bool IsPinned { get; init; }

    /// <summary>Messages are to be forgotten by the devices <see cref="BurnSeconds"/> after they were read.</summary>
    public bool IsPrivate { get; init; }
    public int BurnSeconds { get; init; }

    /// <summary>Mentions up to this sequence were seen.</summary>
    public long MentionsSeen { get; init; }
    public string Attached { get; init; } = "";
    public string Extra { get; init; } = "";

    /// <summary>Devices drop what is older, in s.</summary>
    public long DestructSeconds { get; init; }
    public bool IsDestructing { get; init; }

    internal void Write(StateWriter output)
    {
        output.Value((byte)Receive);
        output.Value((byte)((IsPinned ? 1 : 0) | (IsPrivate ? 2 : 0) | (IsDestructing ? 4 : 0)));
        output.Value(BurnSeconds);
        output.Value(MentionsSeen);
        output.Value(DestructSeconds);
        output.Text(Attached);
        output.Text(Extra);
    }

    internal static ConversationSettings Read(StateReader input)
    {
        var (receive, flags) = ((ReceiveOption)input.Value<byte>(), input.Value<byte>());
        return new ConversationSettings
        {
            Receive = receive,
            IsPinned = (flags & 1) != 0,
            IsPrivate = (flags & 2) != 0,
            IsDestructing = (flags & 4) != 0,
            BurnSeconds = input.Value<int>(),
            MentionsSeen = input.Value<long>(),
            DestructSeconds = input.Value<long>(),
            Attached = input.NeededText(),
            Extra = input.NeededText(),
        };
    }
}

/// <summary>How a user wants to hear of messages. On disk: add, never renumber.</summary>
public enum ReceiveOption : byte
{
    Notify = 0,

    /// <summary>Not at all.</summary>
    Refuse = 1,

    /// <summary>Delivered, without a sound.</summary>
    Silent = 2,
}

/// <summary>What to change of a conversation's settings; null leaves it as it is.</summary>
public sealed record ConversationChange
{
    public ReceiveOption? Receive { get; init; }
    public bool? IsPinned { get; init; }
    public bool? IsPrivate { get; init; }
    public int? BurnSeconds { get; init; }

    /// <summary>The user has seen the mentions there are.</summary>
    public bool SeesMentions { get; init; }
    public string? Attached { get; init; }
    public string? Extra { get; init; }
    public long? DestructSeconds { get; init; }
    public bool? IsDestructing { get; init; }

    /// <param name="last">The last sequence of the conversation.</param>
    internal ConversationSettings On(ConversationSettings settings, long last) => settings with
    {
        Receive = Receive ?? settings.Receive,
        IsPinned = IsPinned ?? settings.IsPinned,
        IsPrivate = IsPrivate ?? settings.IsPrivate,
        BurnSeconds = BurnSeconds ?? settings.BurnSeconds,
        MentionsSeen = SeesMentions ? last : settings.MentionsSeen,
        Attached = Attached ?? settings.Attached,
        Extra = Extra ?? settings.Extra,
        DestructSeconds = DestructSeconds ?? settings.DestructSeconds,
        IsDestructing = IsDestructing ?? settings.IsDestructing,
    };
}
