using Parley.Core.Snapshots;
using Parley.Core.Users;

namespace Parley.Core.Contacts;

/// <summary>Who asked whom to become a friend, answered or not: one row per pair and direction, listed on both sides the newest first.</summary>
sealed class RequestTable
{
    readonly UserTable _users;
    readonly PairTable<RequestRow> _rows = new();
    readonly Ring<RequestRow, RequestRow.LinkOfSender> _sent;
    readonly Ring<RequestRow, RequestRow.LinkOfReceiver> _received;

    public RequestTable(UserTable users)
    {
        _users = users;
        _sent = new(_rows);
        _received = new(_rows);
    }

    public int Find(UserNumber from, UserNumber to) => _rows.Find(from.Value, to.Value);

    public Answer AnswerAt(int index) => _rows[index].Answer;

    public IEnumerable<int> To(UserNumber user) => _received.Forwards(_users.Row(user).FirstReceivedRequest);

    public IEnumerable<int> From(UserNumber user) => _sent.Forwards(_users.Row(user).FirstSentRequest);

    /// <summary>Who sent the oldest answered request that a user got; 0 when none is answered.</summary>
    public UserNumber OldestAnsweredTo(UserNumber user)
        => new(_received.Backwards(_users.Row(user).FirstReceivedRequest).Where(index => _rows[index].Answer != Answer.Open).Select(index => _rows[index].From).FirstOrDefault());

    /// <summary>Who got the oldest answered request that a user sent; 0 when none is answered.</summary>
    public UserNumber OldestAnsweredFrom(UserNumber user)
        => new(_sent.Backwards(_users.Row(user).FirstSentRequest).Where(index => _rows[index].Answer != Answer.Open).Select(index => _rows[index].To).FirstOrDefault());

    public FriendRequest View(int index)
    {
        ref var row = ref _rows[index];
        return new FriendRequest(_users.Profile(new UserNumber(row.From)), _users.Profile(new UserNumber(row.To)), row.Message, row.Extra, row.RequestedAt,
            row.Answer, row.AnswerMessage, row.AnsweredAt);
    }

    public void Add(UserNumber from, UserNumber to, string message, string extra, long time)
    {
        Remove(from, to);
        var index = _rows.Add(new RequestRow { From = from.Value, To = to.Value, RequestedAt = time, Message = message, Extra = extra, AnswerMessage = "" });
        ref var sender = ref _users.Row(from);
        ref var receiver = ref _users.Row(to);
        _sent.InsertFirst(ref sender.FirstSentRequest, index);
        _received.InsertFirst(ref receiver.FirstReceivedRequest, index);
        sender.SentRequestCount++;
        receiver.ReceivedRequestCount++;
    }

    public void Close(UserNumber from, UserNumber to, Answer answer, string message, long time)
    {
        var index = Find(from, to);
        if (index < 0 || _rows[index].Answer != Answer.Open) return;
        ref var row = ref _rows[index];
        (row.Answer, row.AnswerMessage, row.AnsweredAt) = (answer, message, time);
    }

    public void Remove(UserNumber from, UserNumber to)
    {
        var index = Find(from, to);
        if (index < 0) return;
        ref var sender = ref _users.Row(from);
        ref var receiver = ref _users.Row(to);
        _sent.Remove(ref sender.FirstSentRequest, index);
        _received.Remove(ref receiver.FirstReceivedRequest, index);
        sender.SentRequestCount--;
        receiver.ReceivedRequestCount--;
        _rows.Remove(index);
    }

    /// <summary>In both directions.</summary>
    public void RemoveAll(UserNumber user)
    {
        int[] indexes = [.. From(user).Concat(To(user)).Order()];
        foreach (var index in indexes) Remove(new UserNumber(_rows[index].From), new UserNumber(_rows[index].To));
    }

    public int End => _rows.End;

    public void Write(StateWriter output)
    {
        output.Begin(Section.Requests, version: 1);
        output.Count(_rows.End);
        for (var i = 0; i < _rows.End; i++)
        {
            ref var row = ref _rows[i];
            output.Value(new Entry
            {
                From = row.From,
                To = row.To,
                OfSender = row.OfSender,
                OfReceiver = row.OfReceiver,
                RequestedAt = row.RequestedAt,
                AnsweredAt = row.AnsweredAt,
                Answer = (ulong)row.Answer,
            });
            output.Text(row.Message);
            output.Text(row.Extra);
            output.Text(row.AnswerMessage);
        }

        _rows.WriteFree(output);
        output.End();
    }

    public void Read(StateReader input)
    {
        input.Begin(Section.Requests, newest: 1);
        for (var left = input.Count(); left > 0; left--)
        {
            var entry = input.Value<Entry>();
            var isFree = (entry.From | entry.To) == 0;
            _rows.Restore(new RequestRow
            {
                From = entry.From,
                To = entry.To,
                OfSender = entry.OfSender,
                OfReceiver = entry.OfReceiver,
                RequestedAt = entry.RequestedAt,
                AnsweredAt = entry.AnsweredAt,
                Answer = (Answer)entry.Answer,
                Message = (isFree ? input.Text() : input.NeededText())!,
                Extra = (isFree ? input.Text() : input.NeededText())!,
                AnswerMessage = (isFree ? input.Text() : input.NeededText())!,
            });
        }

        _rows.ReadFree(input);
        input.End();
        var users = _users.Count + 1;
        for (var i = 0; i < _rows.End; i++)
        {
            ref var row = ref _rows[i];
            if ((row.From | row.To) == 0) continue;
            if (row.From >= users || row.To >= users || row.From == 0 || row.To == 0 || !_sent.IsClosed(i) || !_received.IsClosed(i)) throw input.Broken($"request {i} is nobody's");
        }
    }

    struct Entry
    {
        public uint From;
        public uint To;
        public Link OfSender;
        public Link OfReceiver;
        public long RequestedAt;
        public long AnsweredAt;
        public ulong Answer;
    }

    struct RequestRow : IPair
    {
        public uint From;
        public uint To;
        public Link OfSender;
        public Link OfReceiver;
        public long RequestedAt;
        public long AnsweredAt;
        public string Message;
        public string Extra;
        public string AnswerMessage;
        public Answer Answer;

        readonly uint IPair.First => From;

        readonly uint IPair.Second => To;

        internal readonly struct LinkOfSender : ILinkOf<RequestRow>
        {
            public static ref Link Of(ref RequestRow row) => ref row.OfSender;
        }

        internal readonly struct LinkOfReceiver : ILinkOf<RequestRow>
        {
            public static ref Link Of(ref RequestRow row) => ref row.OfReceiver;
        }
    }
}
