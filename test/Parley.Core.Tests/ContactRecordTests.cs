using Parley.Core.Contacts;
using Parley.Core.Conversations;
using Parley.Core.Records;
using Parley.Core.Users;
using Record = Parley.Core.Records.Record;

namespace Parley.Core.Tests;

public sealed class ContactRecordTests
{
    static readonly UserNumber One = new(1), Two = new(2), Largest = new(UserNumber.Limit - 1);

    static readonly (Record Record, string Hex)[] Examples =
    [
        (new ProfileChanged(One, "N", null, "", ReceiveOption.Silent), "0201040d07014e0c02"),
        (new ProfileChanged(Largest, null, "", null, null, IsRepeated: true), "02ffffffff0704020e01"),
        (new UserValueSet(One, UserValueSpace.Command, "k", "", "e"), "0201040207016b0d0165"),
        (new UserValueSet(default, UserValueSpace.ClientSetting, "k", null, ""), "040107016b0801"),
        (new FriendRequested(One, Two, "hi", "x"), "0201040207026869090178"),
        (new FriendRequested(One, Two, "", "", Largest, Two), "020104020affffffff070c02"),
        (new FriendAnswered(Two, One, true, "ok"), "02020401060109026f6b"),
        (new FriendAnswered(Two, One, false, ""), "02020401"),
        (new FriendsAdded(One, [Two, Largest], [Two], FriendSource.Import, default), "0201040204ffffffff0706020801"),
        (new FriendsAdded(One, [], [Two], FriendSource.Request, One), "0201060208020a01"),
        (new FriendsChanged(One, [Two, Largest], "R", true, "E"), "0201040204ffffffff0706070901520a010d0145"),
        (new FriendsChanged(One, [Two], "", false, null), "020104020603"),
        (new FriendDeleted(One, Two), "02010402"),
        (new UserBlocked(One, Two, "e", One), "020104020701650801"),
        (new UserUnblocked(One, Two), "02010402"),
    ];

    public static TheoryData<int> All => [.. Enumerable.Range(0, Examples.Length)];

    static string Hex(Record record)
    {
        var writer = new TaggedWriter();
        record.Write(writer);
        return Convert.ToHexStringLower(writer.Written);
    }

    /// <summary>Formats stay: these bytes are in people's logs.</summary>
    [Theory, MemberData(nameof(All))]
    public void A_record_is_these_bytes_and_reads_as_it_was_written(int index)
    {
        var (record, hex) = Examples[index];
        Assert.Equal(hex, Hex(record));
        // Lists are compared by what they hold.
        Assert.Equivalent(record, Record.Read(record.Type, Convert.FromHexString(hex)), strict: true);
    }

    [Theory, MemberData(nameof(All))]
    public void Tags_of_a_newer_server_are_stepped_over(int index)
    {
        var writer = new TaggedWriter();
        writer.Number(900, 5);
        Examples[index].Record.Write(writer);
        writer.Text(901, "later");
        Assert.Equal(Examples[index].Hex, Hex(Record.Read(Examples[index].Record.Type, writer.Written.ToArray())!));
    }

    [Theory, MemberData(nameof(All))]
    public void A_cut_body_is_read_or_refused_and_nothing_else(int index)
    {
        var bytes = Convert.FromHexString(Examples[index].Hex);
        for (var length = 0; length < bytes.Length; length++)
        {
            try
            {
                Assert.Equal(Examples[index].Record.Type, Record.Read(Examples[index].Record.Type, bytes.AsMemory(0, length))!.Type);
            }
            catch (InvalidDataException)
            {
                // The clear refusal that a cut inside a field deserves.
            }
        }
    }
}
