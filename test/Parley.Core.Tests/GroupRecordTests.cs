using Parley.Core.Contacts;
using Parley.Core.Groups;
using Parley.Core.Records;
using Parley.Core.Users;
using Record = Parley.Core.Records.Record;

namespace Parley.Core.Tests;

public sealed class GroupRecordTests
{
    static readonly GroupNumber Group = new(12);
    static readonly UserNumber By = new(7), User = new(uint.MaxValue >> 1);

    static readonly GroupDetails Full = new()
    {
        Name = "N",
        Announcement = "A",
        Introduction = "I",
        FaceUrl = "F",
        Extra = "E",
        JoinRule = JoinRule.Open,
        HidesMembers = true,
        ForbidsFriendRequests = true,
        ShowsHistory = true,
    };

    // What is set to nothing is not what is left as it is.
    static readonly GroupDetails Cleared = new()
    {
        Name = "",
        Announcement = "",
        Introduction = "",
        FaceUrl = "",
        Extra = "",
        JoinRule = JoinRule.ApprovalUnlessInvited,
        HidesMembers = false,
        ForbidsFriendRequests = false,
        ShowsHistory = false,
    };

    static readonly Record[] Examples =
    [
        new GroupCreated(Group, By, "é_1", GroupKind.Super, By, Full),
        new GroupCreated(new GroupNumber(1), default, "g", GroupKind.Normal, User, GroupDetails.None),
        new GroupChanged(Group, By, Full),
        new GroupChanged(Group, By, Cleared),
        new GroupChanged(Group, By, new GroupDetails { Introduction = "" }),
        new GroupChanged(Group, By, new GroupDetails { HidesMembers = false, ShowsHistory = true }),
        new GroupChanged(Group, default, GroupDetails.None, IsMuted: true),
        new GroupChanged(Group, By, GroupDetails.None, IsMuted: false),
        new GroupChanged(Group, By, GroupDetails.None, Kind: GroupKind.Super),
        new GroupDismissed(Group, By),
        new MembersEntered(Group, By, EntryCause.Founded, JoinSource.Invitation, By, false, [new(By, GroupRole.Owner), new(new(8), GroupRole.Administrator), new(new(9)), new(User)]),
        new MembersEntered(Group, default, EntryCause.Joined, JoinSource.QrCode, new UserNumber(3), true, [new(User)]),
        new MembersLeft(Group, By, LeaveCause.Removed, [new(1), User, new(2)]),
        new MemberChanged(Group, By, User, "n", "f", "e", GroupRole.Administrator),
        new MemberChanged(Group, By, User, "", "", ""),
        new MemberChanged(Group, By, User, Extra: "e"),
        new MemberChanged(Group, By, User, Role: GroupRole.Member),
        new MemberChanged(Group, By, User, MutedUntil: 0),
        new MemberChanged(Group, By, User, MutedUntil: long.MaxValue),
        new OwnerChanged(Group, By, User, By),
        new ApplicationMade(Group, By, User, "please", "{}", JoinSource.Search, new UserNumber(3), new UserNumber(4), new GroupNumber(5)),
        new ApplicationMade(Group, default, User, "", "", JoinSource.None, default),
        new ApplicationAnswered(Group, By, User, Answer.Refused, "no"),
    ];

    public static TheoryData<int> All => [.. Enumerable.Range(0, Examples.Length)];

    static byte[] Encode(Record record)
    {
        var writer = new TaggedWriter();
        record.Write(writer);
        return writer.Written.ToArray();
    }

    [Theory, MemberData(nameof(All))]
    public void A_record_reads_as_it_was_written(int index) => AssertSame(Examples[index], Record.Read(Examples[index].Type, Encode(Examples[index])));

    [Theory, MemberData(nameof(All))]
    public void Tags_of_a_newer_server_are_stepped_over(int index)
    {
        var writer = new TaggedWriter();
        writer.Number(900, 5);
        writer.Bytes(901, "later"u8);
        Examples[index].Write(writer);
        writer.Text(902, "later");
        AssertSame(Examples[index], Record.Read(Examples[index].Type, writer.Written.ToArray()));
    }

    [Theory, MemberData(nameof(All))]
    public void A_cut_body_is_read_or_refused_and_nothing_else(int index)
    {
        var bytes = Encode(Examples[index]);
        for (var length = 0; length < bytes.Length; length++)
        {
            try
            {
                Record.Read(Examples[index].Type, bytes.AsMemory(0, length));
            }
            catch (InvalidDataException)
            {
                // The clear refusal that a cut inside a field deserves.
            }
        }
    }

    [Fact]
    public void Every_record_of_groups_has_an_example()
    {
        var records = typeof(GroupRecord).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(GroupRecord)));
        Assert.Empty(records.Except(Examples.Select(example => example.GetType())));
    }

    /// <summary>Formats stay: these bytes are in people's logs.</summary>
    [Fact]
    public void The_bytes_are_those_of_the_first_release()
    {
        Assert.Equal("0201040207016708020a02140117014e", Hex(new GroupCreated(new GroupNumber(1), new UserNumber(2), "g", GroupKind.Super, new UserNumber(2), new GroupDetails { Name = "N" })));
        Assert.Equal("0201040206020802" + "0a02" + "0e03" + "1002" + "0e01" + "1004",
            Hex(new MembersEntered(new GroupNumber(1), new UserNumber(2), EntryCause.Founded, JoinSource.Invitation, new UserNumber(2), false,
                [new(new UserNumber(2), GroupRole.Owner), new(new UserNumber(4))])));
        Assert.Equal("02010402060208040805", Hex(new MembersLeft(new GroupNumber(1), new UserNumber(2), LeaveCause.Removed, [new(4), new(5)])));
        Assert.Equal("020104020605080" + "8", Hex(new MemberChanged(new GroupNumber(1), new UserNumber(2), new UserNumber(5), MutedUntil: 0)));
    }

    static string Hex(Record record) => Convert.ToHexStringLower(Encode(record));

    static void AssertSame(Record expected, Record? actual)
    {
        Assert.Equal(Encode(expected), Encode(actual!));
        switch (expected, actual)
        {
            case (MembersEntered one, MembersEntered other):
                Assert.Equal(one.Members, other.Members);
                Assert.Equal(one with { Members = [] }, other with { Members = [] });
                break;
            case (MembersLeft one, MembersLeft other):
                Assert.Equal(one.Members, other.Members);
                Assert.Equal(one with { Members = [] }, other with { Members = [] });
                break;
            default:
                Assert.Equal(expected, actual);
                break;
        }
    }
}
