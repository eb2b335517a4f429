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
