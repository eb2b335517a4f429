using Parley.Core.Contacts;
using Parley.Core.Records;
using Parley.Core.Snapshots;
using Parley.Core.Users;

namespace Parley.Core.Groups;

/// <summary>Who asked to be let into which group of one app, answered or not.</summary>
public sealed class ApplicationTable
{
    readonly UserTable _users;
    readonly GroupTable _groups;
    readonly PairTable<ApplicationRow> _rows = new();
    // Indexes of rows, the oldest first; the rules bound how many. Only who has applications is here.
    readonly Dictionary<GroupNumber, List<int>> _ofGroups = [];
    readonly Dictionary<UserNumber, List<int>> _ofUsers = [];

    internal ApplicationTable(UserTable users, GroupTable groups) => (_users, _groups) = (users, groups);

    public bool TryFind(GroupNumber group, UserNumber user, out GroupApplication? application)
    {
        var index = _rows.Find(group.Value, user.Value);
        application = index < 0 ? null : View(index);
        return index >= 0;
    }

    /// <summary>The newest first.</summary>
    public IEnumerable<GroupApplication> To(GroupNumber group) => Newest(_ofGroups.GetValueOrDefault(group)).Select(View);

    /// <summary>The newest first.</summary>
    public IEnumerable<GroupApplication> From(UserNumber user) => Newest(_ofUsers.GetValueOrDefault(user)).Select(View);

    public int Count(GroupNumber group) => _ofGroups.GetValueOrDefault(group)?.Count ?? 0;

    public int Count(UserNumber user) => _ofUsers.GetValueOrDefault(user)?.Count ?? 0;

    /// <summary>Whose applications to the group were answered, the oldest first.</summary>
    internal IEnumerable<UserNumber> AnsweredTo(GroupNumber group)
        => (_ofGroups.GetValueOrDefault(group) ?? []).Where(index => _rows[index].Answer != Answer.Open).Select(index => new UserNumber(_rows[index].User));

    /// <summary>To which groups the user's applications were answered, the oldest first.</summary>
    internal IEnumerable<GroupNumber> AnsweredFrom(UserNumber user)
        => (_ofUsers.GetValueOrDefault(user) ?? []).Where(index => _rows[index].Answer != Answer.Open).Select(index => new GroupNumber(_rows[index].Group));

    internal void Make(ApplicationMade made, long time)
    {
        // Asking again renews it: it is the newest now.
        Forget(made.Group, made.User);
        var index = _rows.Add(new ApplicationRow
        {
            Group = made.Group.Value,
            User = made.User.Value,
            Message = made.Message,
            Extra = made.Extra,
            AnswerMessage = "",
            Source = made.Source,
            Inviter = made.Inviter,
            RequestedAt = time,
        });
        ListOf(_ofGroups, made.Group).Add(index);
        ListOf(_ofUsers, made.User).Add(index);
    }

    internal void SetAnswer(ApplicationAnswered answered, long time)
    {
        var index = _rows.Find(answered.Group.Value, answered.User.Value);
        // Of who was erased since, an application may be gone from the log and its answer not.
        if (index < 0) return;
        ref var row = ref _rows[index];
        (row.Answer, row.Answerer, row.AnswerMessage, row.AnsweredAt) = (answered.Answer, answered.By, answered.Message, time);
    }

    internal void Forget(GroupNumber group, UserNumber user)
    {
        var index = _rows.Find(group.Value, user.Value);
        if (index < 0) return;
        TakeOut(_ofGroups, group, index);
        TakeOut(_ofUsers, user, index);
        _rows.Remove(index);
    }

    /// <summary>Forgets a user's applications, and what they wrote in those of others. Walks over all.</summary>
    internal void Erase(UserNumber user)
    {
        foreach (var index in (_ofUsers.GetValueOrDefault(user) ?? []).ToArray()) Forget(new GroupNumber(_rows[index].Group), user);
        for (var i = 0; i < _rows.End; i++)
        {
            ref var row = ref _rows[i];
            if (row.User == 0) continue;
            // Whoever asks for another, does so by inviting them.
            if (row.Inviter == user && row.Source == JoinSource.Invitation) (row.Message, row.Extra) = ("", "");
            if (row.Answerer == user) row.AnswerMessage = "";
        }
    }

    /// <summary>The oldest first: lists and rows follow from that. Where rows lie is nobody's business.</summary>
    internal void Write(StateWriter output)
    {
        output.Begin(Section.Applications, version: 1);
        output.Count(_rows.Count);
        foreach (var index in _ofGroups.Values.SelectMany(list => list).OrderBy(index => _rows[index].RequestedAt))
        {
            ref var row = ref _rows[index];
            output.Value(new Entry
            {
                Group = row.Group,
                User = row.User,
                Inviter = row.Inviter.Value,
                Answerer = row.Answerer.Value,
                RequestedAt = row.RequestedAt,
                AnsweredAt = row.AnsweredAt,
                Source = (uint)row.Source,
                Answer = (uint)row.Answer,
            });
            output.Text(row.Message);
            output.Text(row.Extra);
            output.Text(row.AnswerMessage);
        }

        output.End();
    }

    internal void Read(StateReader input)
    {
        input.Begin(Section.Applications, newest: 1);
        var (users, groups) = (_users.Count + 1, _groups.Count + 1);
        for (var left = input.Count(); left > 0; left--)
        {
            var entry = input.Value<Entry>();
            var (group, user) = (new GroupNumber(input.Below(entry.Group, groups)), new UserNumber(input.Below(entry.User, users)));
            if (group.Value == 0 || user.Value == 0 || _rows.Find(group.Value, user.Value) >= 0) throw input.Broken("an application is nobody's or there twice");
            var index = _rows.Add(new ApplicationRow
            {
                Group = group.Value,
                User = user.Value,
                Message = input.NeededText(),
                Extra = input.NeededText(),
                AnswerMessage = input.NeededText(),
                Source = (JoinSource)entry.Source,
                Inviter = new UserNumber(input.Below(entry.Inviter, users)),
                RequestedAt = entry.RequestedAt,
                Answer = (Answer)entry.Answer,
                Answerer = new UserNumber(input.Below(entry.Answerer, users)),
                AnsweredAt = entry.AnsweredAt,
            });
            ListOf(_ofGroups, group).Add(index);
            ListOf(_ofUsers, user).Add(index);
        }

        input.End();
    }

    static List<int> ListOf<TKey>(Dictionary<TKey, List<int>> lists, TKey key) where TKey : notnull
    {
        if (!lists.TryGetValue(key, out var list)) lists[key] = list = new List<int>(1);
        return list;
    }

    static void TakeOut<TKey>(Dictionary<TKey, List<int>> lists, TKey key, int index) where TKey : notnull
    {
        lists[key].Remove(index);
        if (lists[key].Count == 0) lists.Remove(key);
    }

    static IEnumerable<int> Newest(List<int>? indexes)
    {
        for (var i = (indexes?.Count ?? 0) - 1; i >= 0; i--) yield return indexes![i];
    }

    GroupApplication View(int index)
    {
        ref var row = ref _rows[index];
        return new GroupApplication(_groups.IdOf(new GroupNumber(row.Group)), _users.Profile(new UserNumber(row.User)), row.Message, row.Extra, row.Source,
            _users.IdOrEmpty(row.Inviter), row.RequestedAt, row.Answer, _users.IdOrEmpty(row.Answerer), row.AnswerMessage, row.AnsweredAt);
    }

    struct Entry
    {
        public uint Group;
        public uint User;
        public uint Inviter;
        public uint Answerer;
        public long RequestedAt;
        public long AnsweredAt;
        public uint Source;
        public uint Answer;
    }

    struct ApplicationRow : IPair
    {
        public uint Group;
        public uint User;
        public string Message;
        public string Extra;
        public string AnswerMessage;
        public long RequestedAt;
        public long AnsweredAt;
        public UserNumber Inviter;
        public UserNumber Answerer;
        public JoinSource Source;
        public Answer Answer;

        readonly uint IPair.First => Group;

        readonly uint IPair.Second => User;
    }
}
