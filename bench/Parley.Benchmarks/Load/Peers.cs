using System.Diagnostics;

namespace Parley.Benchmarks.Load;

/// <summary>One connection's part in a run: takes what comes and keeps count.</summary>
abstract class Peer(Connection connection) : IDisposable
{
    public Connection Connection { get; } = connection;

    /// <summary>Takes all that has arrived, and sends what follows from it in one go.</summary>
    public void Turn()
    {
        if (!Connection.Receive()) return;
        while (Connection.TryTake(out var frame)) Take(frame);
        Connection.Flush();
    }

    public virtual void Begin()
    {
    }

    /// <summary>Null once everything came that this peer waits for.</summary>
    public abstract string? Missing();

    public void Dispose() => Connection.Dispose();

    protected abstract void Take(ReadOnlySpan<byte> frame);
}

/// <summary>Keeps so many messages in flight: each acknowledgement is answered with the next message.</summary>
/// <param name="write">Writes the frame of a message, counted from 1.</param>
abstract class SendingPeer(Connection connection, Action<Connection, long> write, int inFlight, Tally tally) : Peer(connection)
{
    protected SendingPeer(Connection connection, FrameTemplate[] frames, int inFlight, Tally tally)
        : this(connection, (to, index) => frames[(index - 1) % frames.Length].Write(to, index), inFlight, tally)
    {
    }

    readonly long[] _sentAt = new long[inFlight];

    protected Tally Tally { get; } = tally;

    public long Sent { get; private set; }

    public long Acked { get; private set; }

    public override void Begin()
    {
        for (var i = 0; i < inFlight; i++) Send();
        Connection.Flush();
    }

    protected void Acknowledge(long index)
    {
        if (index != Acked + 1) throw new InvalidDataException($"Message {index} was acknowledged after {Acked}.");
        Tally.Acknowledge(_sentAt[Acked++ % inFlight]);
        if (Tally.IsSending) Send();
    }

    void Send()
    {
        _sentAt[Sent % inFlight] = Stopwatch.GetTimestamp();
        write(Connection, ++Sent);
        Tally.Sent++;
    }
}

/// <summary>Sends to a server that sends every frame back as it is.</summary>
sealed class EchoPeer(Connection connection, FrameTemplate[] frames, int inFlight, Tally tally) : SendingPeer(connection, frames, inFlight, tally)
{
    public override string? Missing() => Acked < Sent ? $"{Acked} of {Sent} came back" : null;

    protected override void Take(ReadOnlySpan<byte> frame)
        => Acknowledge(MessageId.Read(frame[frame.IndexOf(MessageId.Mark)..]).Index);
}

/// <summary>Sends a conversation's messages, and gets an acknowledgement and a push of its own for each.</summary>
sealed class SenderPeer(Connection connection, FrameTemplate[] frames, Envelope envelope, uint salt, long lastSequence, int inFlight, Tally tally)
    : SendingPeer(connection, frames, inFlight, tally)
{
    readonly byte[] _scratch = new byte[64 << 10];
    readonly Arrivals _echoes = new(salt, lastSequence);

    public override string? Missing()
        => Acked < Sent ? $"{Acked} of {Sent} acknowledged" : _echoes.Count < Sent ? $"{_echoes.Count} of {Sent} echoed to their sender" : null;

    protected override void Take(ReadOnlySpan<byte> frame)
    {
        var answer = Answer.Read(frame, envelope, _scratch);
        if (answer.IsPush)
        {
            _echoes.Add(answer);
            Tally.Echoed++;
        }
        else if (answer.Salt == salt) Acknowledge(answer.Index);
        else throw new InvalidDataException("An acknowledgement for someone else came.");
    }
}

/// <summary>The other side of the conversation: every message once, in order, without a gap.</summary>
sealed class ReceiverPeer(Connection connection, Envelope envelope, uint salt, long lastSequence, SenderPeer sender, Tally tally) : Peer(connection)
{
    readonly byte[] _scratch = new byte[64 << 10];
    readonly Arrivals _arrivals = new(salt, lastSequence);

    public long LastSequence => _arrivals.LastSequence;

    public override string? Missing() => _arrivals.Count < sender.Sent ? $"{_arrivals.Count} of {sender.Sent} delivered" : null;

    protected override void Take(ReadOnlySpan<byte> frame)
    {
        _arrivals.Add(Answer.Read(frame, envelope, _scratch));
        tally.Delivered++;
    }
}

/// <summary>One of very many who get the same: counts what comes, since to look into all of it would cost more than to send it.</summary>
sealed class CountingPeer(Connection connection, SendingPeer sender, Tally tally) : Peer(connection)
{
    long _count;

    /// <summary>The last frame that came.</summary>
    public byte[] Sample { get; private set; } = [];

    public override string? Missing() => _count < sender.Sent ? $"{_count} of {sender.Sent} delivered" : null;

    protected override void Take(ReadOnlySpan<byte> frame)
    {
        if (_count++ == 0) Sample = frame.ToArray();
        tally.Delivered++;
    }
}

/// <summary>Sends to a server that sends every frame on to all others, and then back.</summary>
sealed class BroadcastPeer(Connection connection, byte[] payload, int inFlight, Tally tally) : SendingPeer(connection, (to, _) => Write(to, payload), inFlight, tally)
{
    long _count;

    public override string? Missing() => Acked < Sent ? $"{Acked} of {Sent} came back" : null;

    protected override void Take(ReadOnlySpan<byte> frame)
    {
        Tally.Echoed++;
        Acknowledge(++_count);
    }

    static void Write(Connection to, byte[] payload)
    {
        var frame = to.Reserve(payload.Length);
        payload.CopyTo(frame);
        Connection.Seal(frame);
    }
}

/// <summary>Holds one run's messages of one conversation to their order.</summary>
sealed class Arrivals(uint salt, long lastSequence)
{
    public long Count { get; private set; }

    public long LastSequence { get; private set; } = lastSequence;

    public void Add(Answer push)
    {
        if (!push.IsPush || push.Salt != salt) throw new InvalidDataException("Something of another conversation came.");
        if (push.Index != Count + 1) throw new InvalidDataException($"Message {push.Index} came after {Count}.");
        if (push.Sequence != LastSequence + 1) throw new InvalidDataException($"Sequence {push.Sequence} came after {LastSequence}.");
        (Count, LastSequence) = (push.Index, push.Sequence);
    }
}
