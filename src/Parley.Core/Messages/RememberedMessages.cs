using System.Buffers.Binary;
using System.Numerics;
using Parley.Core.Conversations;
using Parley.Core.Snapshots;
using Parley.Core.Users;

namespace Parley.Core.Messages;

/// <summary>
/// The messages of the last while, by name, so that a repeat gets the first answer. Bounded in time (by record time, so that replay forgets what the live
/// server forgot), per sender and in all; the oldest leave first. Part of the fold.
/// </summary>
sealed class RememberedMessages(UserTable users, DedupeOptions options)
{
    readonly NameSlots _names = new();
    readonly long _windowMicroseconds = (long)options.Window.TotalMicroseconds;
    Slot[] _slots = new Slot[64];
    int _used, _free, _oldest, _newest, _count;
    long _keptAfter;

    /// <summary>Erased ones among them: they keep their places, so that the same others leave in every replay, overwritten messages or not.</summary>
    public int Count => _count;

    /// <summary>Told, before a replay, of a message that is still to come: what its window does not reach is forgotten by then, and need not be remembered before.</summary>
    public void Expect(long time) => _keptAfter = time - _windowMicroseconds;

    /// <summary>Whether a message of that time is still remembered when the one comes that was <see cref="Expect">expected</see>.</summary>
    public bool WillKeep(long time) => time > _keptAfter;

    public bool TryFind(in MessageName name, long now, out RememberedMessage message)
    {
        message = default;
        var slot = _names.SlotOf(name, _slots);
        if (!slot.IsTaken) return false;
        message = _slots[slot.Link - 1].Message;
        return message.Time > now - _windowMicroseconds;
    }

    public void Add(in RememberedMessage message)
    {
        while (_oldest != 0 && (Count >= options.MaxMessages || _slots[_oldest - 1].Message.Time <= message.Time - _windowMicroseconds)) Forget(_oldest);
        ref var sender = ref users.Row(message.Name.Sender);
        if (sender.RememberedCount >= options.MaxMessagesPerSender) Forget(sender.OldestRemembered);

        var link = Take();
        _slots[link - 1] = new Slot { Message = message, Earlier = _newest };
        if (_newest != 0) _slots[_newest - 1].Later = link;
        else _oldest = link;
        _newest = link;

        if (sender.NewestRemembered != 0) _slots[sender.NewestRemembered - 1].LaterOfSender = link;
        else sender.OldestRemembered = link;
        sender.NewestRemembered = link;
        sender.RememberedCount++;
        _count++;
        if (!message.IsErased) _names.Set(message.Name, link, _slots);
    }

    /// <summary>Forgets the names of messages. Walks over everything that is remembered.</summary>
    public void Erase(ConversationKey conversation, IReadOnlyList<long> sequences)
    {
        var erased = sequences.ToHashSet();
        for (var link = 1; link <= _used; link++)
        {
            ref var message = ref _slots[link - 1].Message;
            if (message.Name.Conversation != conversation || message.IsErased || !erased.Contains(message.Sequence)) continue;
            _names.Remove(message.Name, link, _slots);
            message = RememberedMessage.Erased(message.Name.Sender, conversation, message.Position, message.Sequence, message.Time);
        }
    }

    /// <summary>Forgets the names of a conversation's messages up to one. Walks over what is remembered from before a time; over everything when that is 0.</summary>
    public void Cut(ConversationKey conversation, long upTo, long sentBefore)
    {
        for (var link = _oldest; link != 0; link = _slots[link - 1].Later)
        {
            ref var message = ref _slots[link - 1].Message;
            if (sentBefore > 0 && message.Time >= sentBefore) return;
            if (message.Name.Conversation != conversation || message.IsErased || message.Sequence > upTo) continue;
            _names.Remove(message.Name, link, _slots);
            message = RememberedMessage.Erased(message.Name.Sender, conversation, message.Position, message.Sequence, message.Time);
        }
    }

    /// <summary>The same with all of a sender.</summary>
    public void Erase(UserNumber sender)
    {
        for (var link = users.Row(sender).OldestRemembered; link != 0; link = _slots[link - 1].LaterOfSender)
        {
            ref var message = ref _slots[link - 1].Message;
            if (message.IsErased) continue;
            _names.Remove(message.Name, link, _slots);
            message = RememberedMessage.Erased(sender, message.Name.Conversation, message.Position, message.Sequence, message.Time);
        }
    }

    public static ulong FingerprintOf(Message message) => FingerprintOf(message.Kind, message.Body.Span);

    public static ulong FingerprintOf(ContentKind kind, ReadOnlySpan<byte> body)
    {
        var crc = (uint)kind;
        var rest = body;
        for (; rest.Length >= 8; rest = rest[8..]) crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(rest));
        foreach (var b in rest) crc = BitOperations.Crc32C(crc, b);
        return ((ulong)body.Length << 32) | crc;
    }

    /// <summary>The oldest first. Which slot holds which is nobody's business.</summary>
    public void Write(StateWriter output)
    {
        output.Begin(Section.Remembered, version: 1);
        var count = 0;
        for (var link = _oldest; link != 0; link = _slots[link - 1].Later) count++;
        output.Count(count);
        for (var link = _oldest; link != 0; link = _slots[link - 1].Later)
        {
            ref var message = ref _slots[link - 1].Message;
            output.Value(new Entry
            {
                ClientIdLow = (ulong)message.Name.ClientId,
                ClientIdHigh = (ulong)(message.Name.ClientId >> 64),
                Conversation = message.Name.Conversation.Feed.Value,
                Position = message.Position,
                Sequence = message.Sequence,
                Time = message.Time,
                Fingerprint = message.Fingerprint,
                Sender = message.Name.Sender.Value,
            });
        }

        output.End();
    }

    /// <summary>Remembers as much of it as the options of now allow.</summary>
    public void Read(StateReader input)
    {
        input.Begin(Section.Remembered, newest: 1);
        var last = 0L;
        for (var left = input.Count(); left > 0; left--)
        {
            var entry = input.Value<Entry>();
            if (entry.Time <= last || entry.Sender > (ulong)users.Count) throw input.Broken("a message is out of order or nobody's");
            last = entry.Time;
            var name = new MessageName(new UserNumber((uint)entry.Sender), new ConversationKey(new(entry.Conversation)), new UInt128(entry.ClientIdHigh, entry.ClientIdLow));
            Add(new RememberedMessage(name, entry.Position, entry.Sequence, entry.Time, entry.Fingerprint));
        }

        input.End();
    }

    /// <summary>Forgets the oldest of all or the oldest of a sender; either is the oldest of its sender.</summary>
    void Forget(int link)
    {
        ref var slot = ref _slots[link - 1];
        if (slot.Earlier != 0) _slots[slot.Earlier - 1].Later = slot.Later;
        else _oldest = slot.Later;
        if (slot.Later != 0) _slots[slot.Later - 1].Earlier = slot.Earlier;
        else _newest = slot.Earlier;

        ref var sender = ref users.Row(slot.Message.Name.Sender);
        sender.OldestRemembered = slot.LaterOfSender;
        if (slot.LaterOfSender == 0) sender.NewestRemembered = 0;
        sender.RememberedCount--;
        _count--;
        // A name may have been remembered anew after its window had passed.
        if (!slot.Message.IsErased) _names.Remove(slot.Message.Name, link, _slots);
        slot = new Slot { Later = _free };
        _free = link;
    }

    int Take()
    {
        if (_free != 0)
        {
            var link = _free;
            _free = _slots[link - 1].Later;
            return link;
        }

        if (_slots.Length == _used) Array.Resize(ref _slots, _slots.Length * 2);
        return ++_used;
    }

    struct Entry
    {
        public ulong ClientIdLow;
        public ulong ClientIdHigh;
        public ulong Conversation;
        public long Position;
        public long Sequence;
        public long Time;
        public ulong Fingerprint;
        public ulong Sender;
    }

    /// <summary>Links are indexes + 1; 0 is none.</summary>
    struct Slot
    {
        public RememberedMessage Message;
        public int Earlier;
        public int Later;
        public int LaterOfSender;
    }

    /// <summary>
    /// Finds slots by name: open addressing over 8 bytes each, where a dictionary would keep every name a second time. Half of each is the name's hash, so that hardly ever another slot than the right
    /// one is looked at. Names are chosen by clients; hashes are seeded by the runtime, so nobody chooses names that collide.
    /// </summary>
    sealed class NameSlots
    {
        // Hash and link; 0 is free.
        ulong[] _entries = new ulong[64];
        int _shift = 32 - 6;

        int _count;

        /// <param name="At">Where the name is or would be.</param>
        /// <param name="Link">0 when it is not there.</param>
        public readonly record struct Place(int At, int Link)
        {
            public bool IsTaken => Link != 0;
        }

        public Place SlotOf(in MessageName name, Slot[] slots)
        {
            var hash = (uint)name.GetHashCode();
            for (var at = StartOf(hash); ; at = Next(at))
            {
                var entry = _entries[at];
                if (entry == 0) return new Place(at, 0);
                if ((uint)(entry >> 32) == hash && slots[(int)(uint)entry - 1].Message.Name == name) return new Place(at, (int)(uint)entry);
            }
        }

        /// <summary>Adds the name, or leads it elsewhere than before.</summary>
        public void Set(in MessageName name, int link, Slot[] slots)
        {
            var place = SlotOf(name, slots);
            _entries[place.At] = ((ulong)(uint)name.GetHashCode() << 32) | (uint)link;
            if (place.IsTaken) return;
            if (++_count > _entries.Length / 4 * 3) Grow();
        }

        /// <summary>Removes the name if that is where it leads.</summary>
        public void Remove(in MessageName name, int link, Slot[] slots)
        {
            var place = SlotOf(name, slots);
            if (place.Link != link) return;
            _count--;
            var hole = place.At;
            // Whatever was pushed past the hole moves up, so that no marker for "was here" is needed.
            for (var at = Next(hole); _entries[at] != 0; at = Next(at))
            {
                var start = StartOf((uint)(_entries[at] >> 32));
                if (((at - start) & (_entries.Length - 1)) < ((at - hole) & (_entries.Length - 1))) continue;
                _entries[hole] = _entries[at];
                hole = at;
            }

            _entries[hole] = 0;
        }

        void Grow()
        {
            var old = _entries;
            _entries = new ulong[old.Length * 2];
            _shift--;
            foreach (var entry in old)
            {
                if (entry == 0) continue;
                var at = StartOf((uint)(entry >> 32));
                while (_entries[at] != 0) at = Next(at);
                _entries[at] = entry;
            }
        }

        int StartOf(uint hash) => (int)((hash * 0x9E3779B1) >> _shift);

        int Next(int at) => (at + 1) & (_entries.Length - 1);
    }
}
