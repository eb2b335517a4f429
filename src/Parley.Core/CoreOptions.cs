using System.ComponentModel.DataAnnotations;
using Parley.Core.Retaining;
using Parley.Core.Sessions;

namespace Parley.Core;

/// <summary>Rules and bounds of Core.</summary>
public sealed class CoreOptions
{
    public const string Section = "Core";

    /// <summary>Messages a user may send per second, over all devices. Default 20, as TeamTalk's; 0 lifts the limit.</summary>
    [Range(0, 1_000_000)]
    public int MessageRate { get; set; } = 20;

    /// <summary>Messages a user may send at once before the rate holds them back. Default 40: two seconds' worth.</summary>
    [Range(1, 1_000_000)]
    public int MessageBurst { get; set; } = 40;

    /// <summary>Longest time a message over the rate is held back before it is refused instead. Default 2 s: well within a client's 10 s time-out.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:09")]
    public TimeSpan MaxRateDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Largest message, all of its texts together, in bytes. Default 32 KiB: OpenIM's clients may send frames of 51,200 bytes.</summary>
    [Range(1_024, 262_144)]
    public int MaxMessageBytes { get; set; } = 32 << 10;

    /// <summary>Commands waiting for the sequencer; when full, edges stop reading from their sockets. Default 8,192.</summary>
    [Range(16, 1 << 20)]
    public int MaxQueuedCommands { get; set; } = 8_192;

    /// <summary>Commands decided for one batch while the state is locked. Default 1,024: about a millisecond.</summary>
    [Range(1, 65_536)]
    public int MaxBatchCommands { get; set; } = 1_024;

    /// <summary>Users in one registration. Default 1,000, as OpenIM's back ends send.</summary>
    [Range(1, 10_000)]
    public int MaxUsersPerCommand { get; set; } = 1_000;

    /// <summary>Longest nickname, URL or other text of a user in bytes. Default 1,024.</summary>
    [Range(64, 16_384)]
    public int MaxProfileTextBytes { get; set; } = 1_024;

    /// <summary>Tokens of one user on one platform; the oldest is forgotten. Default 30, as OpenIM's.</summary>
    [Range(1, 1_000)]
    public int MaxTokensPerPlatform { get; set; } = 30;

    /// <summary>Sessions of one user at a time, over all devices. Default 64.</summary>
    [Range(1, 10_000)]
    public int MaxSessionsPerUser { get; set; } = 64;

    /// <summary>Users one session may watch for presence. Default 1,000.</summary>
    [Range(0, 100_000)]
    public int MaxWatchedUsers { get; set; } = 1_000;

    public LoginPolicy LoginPolicy { get; set; } = LoginPolicy.OnePerPlatform;

    /// <summary>Deliveries and answers waiting for one session. Default 4,096; a session that falls behind further is closed and syncs.</summary>
    [Range(16, 1 << 20)]
    public int MaxOutboxItems { get; set; } = 4_096;

    /// <summary>Bytes of deliveries and answers waiting for one session. Default 4 MiB.</summary>
    [Range(64 << 10, 256 << 20)]
    public int MaxOutboxBytes { get; set; } = 4 << 20;

    /// <summary>Members of a group. Default 100,000.</summary>
    [Range(2, 1_000_000)]
    public int MaxGroupMembers { get; set; } = 100_000;

    /// <summary>Members of a normal group, each of whom gets every message into an inbox. Default 200; larger groups are super groups.</summary>
    [Range(2, 1_000)]
    public int MaxNormalGroupMembers { get; set; } = 200;

    /// <summary>Groups a user may be in, ended memberships included: opening a session walks them. Default 5,000.</summary>
    [Range(1, 100_000)]
    public int MaxGroupsPerUser { get; set; } = 5_000;

    /// <summary>Friends of a user, and likewise users they blocked. Default 5,000.</summary>
    [Range(1, 100_000)]
    public int MaxContactsPerUser { get; set; } = 5_000;

    /// <summary>Requests that wait for one user, or applications for one group; the oldest answered ones are forgotten first, and with none answered new ones are refused. Default 1,000.</summary>
    [Range(1, 100_000)]
    public int MaxOpenRequests { get; set; } = 1_000;

    /// <summary>Small values kept for one user. Default 1,000.</summary>
    [Range(1, 100_000)]
    public int MaxValuesPerUser { get; set; } = 1_000;

    /// <summary>Whether conversations show, unless a command says otherwise, that members came and went or the group changed. Default true, as OpenIM's.</summary>
    public bool ShowsGroupEvents { get; set; } = true;

    /// <summary>Whether who joins a group sees what was said before, unless the group says otherwise. Default true, as OpenIM's.</summary>
    public bool ShowsHistory { get; set; } = true;

    /// <summary>Whether only friends may write to each other. Default false.</summary>
    public bool FriendsOnly { get; set; }

    /// <summary>Messages in one command. Default 1,000.</summary>
    [Range(1, 10_000)]
    public int MaxMessagesPerCommand { get; set; } = 1_000;

    /// <summary>How long a sender may recall a message. Default zero: for ever, as OpenIM's. Who leads a group, and administrators, may always.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan RecallWindow { get; set; } = TimeSpan.Zero;

    /// <summary>How long a sender may edit a message. Default zero: for ever.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan EditWindow { get; set; } = TimeSpan.Zero;

    /// <summary>Whether the owner of a group may recall anyone's messages, and its administrators those of ordinary members. Default true.</summary>
    public bool LeadersMayRecall { get; set; } = true;

    /// <summary>Reactions on one message. Default 1,000.</summary>
    [Range(1, 100_000)]
    public int MaxReactionsPerMessage { get; set; } = 1_000;

    /// <summary>Messages pinned in one conversation. Default 50.</summary>
    [Range(1, 1_000)]
    public int MaxPinnedMessages { get; set; } = 50;

    /// <summary>Longest time that a clean stop takes for a snapshot of the state, which spares the next start a replay. Default 10 s: hosts wait 30 s for a stop. Zero makes none.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan MaxStopSnapshotTime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Replicas that must have synced a batch before anything of it is acknowledged, delivered or shown. Default 0. With 1, promoting that replica loses nothing, and without it nothing is written.</summary>
    [Range(0, 8)]
    public int ReplicaAck { get; set; }

    /// <summary>Longest time that a batch waits for its replicas; then the server takes no writes and shows only what they have, until they are back. Default 5 s: within a client's 10 s time-out.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan ReplicaLease { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Names of replicas the leader remembers. Default 16.</summary>
    [Range(1, 1_000)]
    public int MaxReplicas { get; set; } = 16;
    /// <summary>Inboxes that a back end may save one message to at once. Default 10,000: fifty records.</summary>
    [Range(1, 100_000)]
    public int MaxInboxesPerCommand { get; set; } = 10_000;

    public DedupeOptions Dedupe { get; set; } = new();

    public RetentionOptions Retention { get; set; } = new();
}

/// <summary>For how long, and how many, client message ids are remembered.</summary>
public sealed class DedupeOptions
{
    /// <summary>In memory. Default 30 minutes: a phone that comes out of a tunnel.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Through the log's keys: a repeat gets its first answer for so long. Default 7 days: a phone that was in a drawer. No longer than <see cref="Window"/>, and memory is all there is.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "90.00:00:00")]
    public TimeSpan KeptFor { get; set; } = TimeSpan.FromDays(7);

    /// <summary>In memory. Default 36,000: the default rate for the default window.</summary>
    [Range(16, 10_000_000)]
    public int MaxMessagesPerSender { get; set; } = 36_000;

    /// <summary>In memory. Default 2,000,000, about 250 MB when full.</summary>
    [Range(1_024, 100_000_000)]
    public int MaxMessages { get; set; } = 2_000_000;
}
