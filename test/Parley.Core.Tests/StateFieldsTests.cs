using System.Reflection;
using System.Runtime.CompilerServices;
using Parley.Core.Contacts;
using Parley.Core.Groups;
using Parley.Core.Messages;
using Parley.Core.Tokens;
using Parley.Core.Users;

namespace Parley.Core.Tests;

/// <summary>Every field of the state is written, those that somebody adds tomorrow too.</summary>
public sealed class StateFieldsTests
{
    static readonly DedupeOptions Dedupe = new();

    /// <summary>Fields that are the same in every state of these histories.</summary>
    static readonly HashSet<string> Constant = [.. FieldsOf<DedupeOptions>(), "RememberedMessages._windowMicroseconds", "MemberRow.Unused", "FriendRow.Unused", "GroupRow.Details"];

    [Fact]
    public async Task What_is_read_is_field_by_field_what_was_written_and_no_field_is_left_out_of_the_comparison()
    {
        var byField = new Dictionary<string, HashSet<string>>();
        for (var seed = 1; seed <= 4; seed++)
        {
            var state = new State(Dedupe);
            foreach (var record in await RandomLife.RecordsAsync(seed, commands: 900)) state.Apply(record);
            var folded = StateGraph.Of(state);
            var read = StateGraph.Of(State.Read(new MemoryStream(StateWritingTests.Written(state)), Dedupe));
            foreach (var (path, value) in folded.Values) Assert.True(read.Values.GetValueOrDefault(path) == value, $"seed {seed}: {path} was {value} and is {read.Values.GetValueOrDefault(path) ?? "gone"}");
            Assert.Equal(folded.Values.Count, read.Values.Count);
            foreach (var (field, values) in folded.ByField)
            {
                if (!byField.TryGetValue(field, out var all)) byField[field] = all = [];
                all.UnionWith(values);
            }
        }

        // A field that never differs from its default might as well not be written.
        var same = byField.Where(entry => entry.Value.Count < 2 && !Constant.Contains(entry.Key)).Select(entry => $"{entry.Key} is always {entry.Value.First()}");
        Assert.Empty(same);
        Assert.True(byField.Count > 100, $"only {byField.Count} fields were found.");
    }

    /// <summary>Tables whose rows lie elsewhere after reading are written as what hangs on them. A field that is new here belongs into their <c>Write</c> and <c>Read</c>, their version and FORMAT.md.</summary>
    [Theory]
    [InlineData(typeof(TokenTable), "TokenRow", "Token Next")]
    [InlineData(typeof(TokenView), null, "Key User Platform State ExpiresAt")]
    [InlineData(typeof(TokenTable), null, "users _indexes _apps _rows _used _free")]
    [InlineData(typeof(ApplicationTable), "ApplicationRow", "Group User Message Extra AnswerMessage RequestedAt AnsweredAt Inviter Answerer Source Answer")]
    [InlineData(typeof(ApplicationTable), null, "_users _groups _rows _ofGroups _ofUsers")]
    [InlineData(typeof(RememberedMessages), null, "users options _names _windowMicroseconds _slots _used _free _oldest _newest _count _keptAfter")]
    [InlineData(typeof(RememberedMessages), "Slot", "Message Earlier Later LaterOfSender")]
    [InlineData(typeof(RememberedMessage), null, "Name Position Sequence Time Fingerprint")]
    [InlineData(typeof(MessageName), null, "Sender Conversation ClientId")]
    public void Rows_that_move_have_the_fields_that_are_written(Type type, string? nested, string fields)
        => Assert.Equal(fields.Split(' ').Order(), StateGraph.FieldsOf(nested is null ? type : type.GetNestedType(nested, BindingFlags.NonPublic)!).Order());

    /// <summary>Bytes that no field owns would differ from one run to the next, and with them the digests of equal states.</summary>
    [Fact]
    public void Rows_that_are_written_as_they_lie_in_memory_own_all_their_bytes()
    {
        Assert.Equal(Unsafe.SizeOf<MemberRow>(), SizeOfFields(typeof(MemberRow)));
        Assert.Equal(Unsafe.SizeOf<UserEntry>(), SizeOfFields(typeof(UserEntry)));
        Assert.Equal(Unsafe.SizeOf<GroupEntry>(), SizeOfFields(typeof(GroupEntry)));
        Assert.Equal(Unsafe.SizeOf<MessageOperation>(), SizeOfFields(typeof(MessageOperation)));
        foreach (var (table, row) in new[] { (typeof(FriendTable), "FriendRow"), (typeof(BlockTable), "Entry"), (typeof(RequestTable), "Entry"), (typeof(ApplicationTable), "Entry"), (typeof(TokenTable), "TokenEntry"), (typeof(RememberedMessages), "Entry"), (typeof(Conversations.ConversationTable), "ConversationRow") })
        {
            var type = table.GetNestedType(row, BindingFlags.NonPublic)!;
            Assert.Equal((type, SizeOf(type)), (type, SizeOfFields(type)));
        }
    }

    static int SizeOf(Type type) => (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;

    static int SizeOfFields(Type type) => type.IsPrimitive ? SizeOf(type)
        : type.IsEnum ? SizeOf(type)
        : type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Sum(field => SizeOfFields(field.FieldType));

    static IEnumerable<string> FieldsOf<T>() => StateGraph.FieldsOf(typeof(T)).Select(field => $"{typeof(T).Name}.{field}");
}
