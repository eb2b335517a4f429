namespace Parley.Client;

/// <summary>How envelopes are written on the wire.</summary>
public enum EnvelopeEncoding { Gob, Json }

/// <summary>Copied when a client is opened; later changes have no effect. Checked by <see cref="ParleyClient.OpenAsync"/>.</summary>
public sealed record ParleyClientOptions
{
    /// <summary>Where the long connection goes.</summary>
    public Uri WebSocketAddress { get; init; } = new("ws://127.0.0.1:10002/");

    /// <summary>Where REST calls go.</summary>
    public Uri ApiAddress { get; init; } = new("http://127.0.0.1:10002/");

    public required string UserId { get; init; }

    /// <summary>Asked before every connection, so it may fetch a fresh token. A failure counts as a failed attempt to connect.</summary>
    public required Func<CancellationToken, Task<string>> Token { get; init; }

    /// <summary>A platform id of OpenIM; the server checks that the token was made for it. Default 7: Linux.</summary>
    public int Platform { get; init; } = 7;

    /// <summary>The SQLite file of this user, made when absent; <c>:memory:</c> forgets everything. One open client per file.</summary>
    public required string StorePath { get; init; }

    /// <summary>Default gob: it carries bytes as they are, where JSON needs base64.</summary>
    public EnvelopeEncoding Encoding { get; init; } = EnvelopeEncoding.Gob;

    /// <summary>Gzip on every frame, both ways. Default off: a chat message is too short to gain.</summary>
    public bool Compress { get; init; }

    /// <summary>Interval of pings. Default 24 s: one fits into the peers' 30 s of patience with room for a slow network.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(24);

    /// <summary>Silence after which the connection is given up. Default 30 s: a heartbeat and 6 s for its answer.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time for token, dialling and handshake together. Default 20 s: a phone's slow first packet, with TLS.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Time for one request, on the socket or by REST. Default 10 s, the protocol's usual one.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Interval at which the newest sequences are asked for, to notice a lost push. Default 30 s: the length of a read time-out.</summary>
    public TimeSpan SequenceInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Waits before the 1st, 2nd … attempt after a failure; the last one repeats. Default 1, 2, 4, 8, 16 s.</summary>
    public IReadOnlyList<TimeSpan> BackOff { get; init; } =
        [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(16)];

    /// <summary>Share of a wait added at random, 0 to 1. Default 0.25: clients that a restart cut off together do not come back together.</summary>
    public double BackOffJitter { get; init; } = 0.25;

    /// <summary>Source of the jitter. Used by one thread at a time.</summary>
    public Random Random { get; init; } = Random.Shared;

    /// <summary>Largest frame or REST answer accepted, in bytes, after decompression too. Default 8 MiB: 100 messages of 50 KiB as base64.</summary>
    public int MaxFrameBytes { get; init; } = 8 << 20;

    /// <summary>Largest content of an own message, in bytes of JSON. Default 32 KiB: as base64 within a frame it stays below the 51,200 B servers accept.</summary>
    public int MaxContentBytes { get; init; } = 32 << 10;

    /// <summary>Requests waiting for the socket; more make their callers wait. Default 64: a screen's worth of questions.</summary>
    public int RequestQueueLength { get; init; } = 64;

    /// <summary>Pushes waiting for the syncer, in bytes; more are dropped and pulled later. Default 16 MiB: two of the largest frames.</summary>
    public int PushQueueBytes { get; init; } = 16 << 20;

    /// <summary>Events waiting for the application; then the syncer waits. Default 1,024: some screens of catching up.</summary>
    public int EventQueueLength { get; init; } = 1_024;

    /// <summary>Own messages waiting to be sent; more are declined. Default 10,000: weeks offline for a person, a stop for a runaway loop.</summary>
    public int MaxUnsent { get; init; } = 10_000;

    /// <summary>Answers "fault of the server" after which a message counts as failed. Default 10: about two minutes of back-off; lost connections do not count.</summary>
    public int MaxSendAttempts { get; init; } = 10;

    /// <summary>Messages asked for in one pull. Default 100, what servers of this protocol serve at once.</summary>
    public int PullPageLength { get; init; } = 100;

    /// <summary>Largest gap of a conversation that is filled at once, in messages; of a larger one only the newest page, the rest when its history is read. Default 1,000.</summary>
    public int MaxEagerGap { get; init; } = 1_000;

    /// <summary>Users whose presence is watched; more are declined. Default 1,000: a long list of friends in one request.</summary>
    public int MaxWatchedUsers { get; init; } = 1_000;

    /// <summary>Entries of one list of friends, groups, members or conversations; of a longer one the rest is not kept. Default 200,000: twice the largest groups known.</summary>
    public int MaxListLength { get; init; } = 200_000;

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    internal void Check()
    {
        ArgumentException.ThrowIfNullOrEmpty(UserId);
        ArgumentException.ThrowIfNullOrEmpty(StorePath);
        ArgumentNullException.ThrowIfNull(Token);
        Require(WebSocketAddress is { IsAbsoluteUri: true, Scheme: "ws" or "wss" }, nameof(WebSocketAddress), "an absolute ws:// or wss:// address");
        Require(ApiAddress is { IsAbsoluteUri: true, Scheme: "http" or "https" }, nameof(ApiAddress), "an absolute http:// or https:// address");
        Require(Platform is >= 1 and <= 11, nameof(Platform), "1 to 11");
        Require(Enum.IsDefined(Encoding), nameof(Encoding), "Gob or Json");
        RequireTime(HeartbeatInterval, nameof(HeartbeatInterval));
        RequireTime(ReadTimeout, nameof(ReadTimeout));
        RequireTime(ConnectTimeout, nameof(ConnectTimeout));
        RequireTime(RequestTimeout, nameof(RequestTimeout));
        RequireTime(SequenceInterval, nameof(SequenceInterval));
        Require(HeartbeatInterval < ReadTimeout, nameof(HeartbeatInterval), "shorter than ReadTimeout, or every quiet connection would be cut");
        Require(BackOff.Count > 0 && BackOff.All(wait => wait > TimeSpan.Zero && wait <= TimeSpan.FromHours(1)), nameof(BackOff), "waits above 0 and at most 1 h");
        Require(BackOffJitter is >= 0 and <= 1, nameof(BackOffJitter), "0 to 1");
        Require(MaxFrameBytes is >= 1 << 16 and <= 1 << 28, nameof(MaxFrameBytes), "64 KiB to 256 MiB");
        Require(MaxContentBytes is >= 1 and <= 1 << 24, nameof(MaxContentBytes), "1 B to 16 MiB");
        Require(RequestQueueLength is >= 1 and <= 1 << 16, nameof(RequestQueueLength), "1 to 65,536");
        Require(PushQueueBytes is >= 1 << 16 and <= 1 << 30, nameof(PushQueueBytes), "64 KiB to 1 GiB");
        Require(EventQueueLength is >= 1 and <= 1 << 20, nameof(EventQueueLength), "1 to 1,048,576");
        Require(MaxUnsent is >= 1 and <= 1 << 20, nameof(MaxUnsent), "1 to 1,048,576");
        Require(MaxSendAttempts is >= 1 and <= 1_000, nameof(MaxSendAttempts), "1 to 1,000");
        Require(PullPageLength is >= 1 and <= 1_000, nameof(PullPageLength), "1 to 1,000");
        Require(MaxEagerGap is >= 0 and <= 1 << 20, nameof(MaxEagerGap), "0 to 1,048,576");
        Require(MaxWatchedUsers is >= 1 and <= 1 << 20, nameof(MaxWatchedUsers), "1 to 1,048,576");
        Require(MaxListLength is >= 1_000 and <= 1 << 24, nameof(MaxListLength), "1,000 to 16,777,216");
        ArgumentNullException.ThrowIfNull(Random);
        ArgumentNullException.ThrowIfNull(TimeProvider);
    }

    static void RequireTime(TimeSpan value, string name) =>
        Require(value >= TimeSpan.FromMilliseconds(10) && value <= TimeSpan.FromHours(1), name, "10 ms to 1 h");

    static void Require(bool holds, string name, string allowed)
    {
        if (!holds) throw new ArgumentException($"{name} must be {allowed}.", name);
    }
}
