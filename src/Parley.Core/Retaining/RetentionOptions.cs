using System.ComponentModel.DataAnnotations;

namespace Parley.Core.Retaining;

/// <summary>What a rule is about.</summary>
public enum RetainedKind
{
    None = 0,

    /// <summary>Conversations between two users.</summary>
    Peer = 1,

    /// <summary>Conversations of groups.</summary>
    Group = 2,

    /// <summary>What back ends saved to inboxes alone. It leaves with whole segments and not before.</summary>
    Inbox = 3,
}

/// <summary>For how long messages are kept. For ever, unless a rule says otherwise.</summary>
public sealed class RetentionOptions
{
    /// <summary>The first rule that fits an app and a kind holds. Default none. Where every app and kind has one, whole segments leave the disk too.</summary>
    public IList<RetentionRule> Rules { get; } = [];

    /// <summary>Time between two rounds. Default 1 h: a message is gone that much later at most.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Conversations cut in one round; the next goes on. Default 100,000: each is a small record.</summary>
    [Range(1, 10_000_000)]
    public int MaxCutsPerRound { get; set; } = 100_000;

    /// <returns>Null when it is kept for ever.</returns>
    internal TimeSpan? AgeOf(long app, RetainedKind kind)
    {
        foreach (var rule in Rules)
            if ((rule.App ?? app) == app && (rule.Kind ?? kind) == kind) return rule.MaxAge;
        return null;
    }

    /// <summary>The longest that anything of some apps is kept; null when something is for ever.</summary>
    internal TimeSpan? LongestOf(IEnumerable<long> apps)
    {
        var longest = TimeSpan.Zero;
        foreach (var app in apps)
            foreach (var kind in (RetainedKind[])[RetainedKind.Peer, RetainedKind.Group, RetainedKind.Inbox])
            {
                if (AgeOf(app, kind) is not { } age) return null;
                if (age > longest) longest = age;
            }

        return longest == TimeSpan.Zero ? null : longest;
    }
}

/// <summary>How old messages of some app and kind get.</summary>
public sealed class RetentionRule
{
    /// <summary>Null for every app.</summary>
    public long? App { get; set; }

    /// <summary>Null for every kind.</summary>
    public RetainedKind? Kind { get; set; }

    /// <summary>What is older is cut. No default.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "36500.00:00:00")]
    public TimeSpan MaxAge { get; set; }
}
