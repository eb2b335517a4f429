using Parley.Core.Groups;
using Parley.Core.Notices;
using Parley.Core.Records;
using Parley.Core.Sessions;
using Parley.Core.Users;
using Parley.Store.Feeds;

namespace Parley.Core.Commands;

/// <summary>What <c>Decide</c> concluded from one command: records to append, or a refusal. Reused by the loop.</summary>
sealed class Decision
{
    public Refusal Refusal { get; private set; }

    /// <summary>Appended together or not at all.</summary>
    public List<(Record Record, FeedId[] Feeds)> Records { get; } = [];

    /// <summary>Marks to move; they join those of the whole batch in one record.</summary>
    public List<MovedMark> Marks { get; } = [];

    /// <summary>Set when the command is a repeat: the first answer.</summary>
    public Outcome? FirstAnswer { get; private set; }

    /// <summary>A message that is delivered and not kept.</summary>
    public MessageDelivery? Transient { get; set; }

    /// <summary>What devices are told beside the records, and not told again.</summary>
    public List<(UserNumber User, GroupNumber Group, Notice Notice)> Told { get; } = [];

    public void Clear()
    {
        Told.Clear();
        (Refusal, FirstAnswer, Transient) = (Refusal.None, null, null);
        Records.Clear();
        Marks.Clear();
    }

    public void Refuse(Refusal refusal)
    {
        Clear();
        Refusal = refusal;
    }

    public void Repeat(Outcome first) => FirstAnswer = first;

    /// <summary>Tells a user's devices, once the batch is committed.</summary>
    public void Tell(UserNumber user, Notice notice) => Told.Add((user, default, notice));

    /// <summary>Tells the devices of a group's members.</summary>
    public void Tell(GroupNumber group, Notice notice) => Told.Add((default, group, notice));

    public void Append(Record record, params FeedId[] feeds) => Records.Add((record, feeds));
}
