using Parley.Core.Users;

namespace Parley.Core.Tests;

public sealed class UserIdsTests
{
    [Theory]
    [InlineData("alice", Refusal.None)]
    [InlineData("", Refusal.InvalidId)]
    [InlineData("a\nb", Refusal.InvalidId)]
    [InlineData("张三", Refusal.None)]
    [InlineData("😀", Refusal.None)]
    [InlineData("12345", Refusal.None)]
    [InlineData("4503599627370495", Refusal.None)]
    [InlineData("4503599627370496", Refusal.ReservedId)]
    [InlineData("4503601774854143", Refusal.ReservedId)]
    [InlineData("4503601774854144", Refusal.None)]
    [InlineData("04503599627370496", Refusal.None)]
    [InlineData("erased-1", Refusal.ReservedId)]
    [InlineData("erased-2147483647", Refusal.ReservedId)]
    [InlineData("erased-2147483648", Refusal.None)]
    [InlineData("erased-01", Refusal.None)]
    [InlineData("erased-", Refusal.None)]
    [InlineData("Erased-1", Refusal.None)]
    public void Judges_an_id_by_its_text(string id, Refusal expected) => Assert.Equal(expected, UserIds.Judge(id));

    [Fact]
    public void Half_a_surrogate_pair_is_no_id()
    {
        foreach (var id in new[] { "\ud83d", "a\ude00", "\ude00\ud83d" }) Assert.Equal(Refusal.InvalidId, UserIds.Judge(id));
    }

    [Fact]
    public void Ids_end_at_64_bytes_of_UTF8()
    {
        Assert.Equal(Refusal.None, UserIds.Judge(new string('a', 64)));
        Assert.Equal(Refusal.InvalidId, UserIds.Judge(new string('a', 65)));
        Assert.Equal(Refusal.None, UserIds.Judge(new string('é', 32)));
        Assert.Equal(Refusal.InvalidId, UserIds.Judge(new string('é', 33)));
    }

    [Theory]
    [InlineData("a", "b")]
    [InlineData("a", "ab")]
    [InlineData("z", "é")]
    [InlineData("\uffee", "😀")]
    [InlineData("a\ue000", "a😀")]
    [InlineData("😀", "😁")]
    public void Ids_are_in_the_order_of_their_UTF8_bytes(string lesser, string greater)
    {
        Assert.True(UserIds.Compare(lesser, greater) < 0);
        Assert.True(UserIds.Compare(greater, lesser) > 0);
        Assert.Equal(0, UserIds.Compare(lesser, lesser));
        Assert.True(System.Text.Encoding.UTF8.GetBytes(lesser).AsSpan().SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(greater)) < 0);
    }

    /// <summary>Against the definition: someone would read one conversation text as two peers. Every set of ids of up to six letters over {a, c, _}.</summary>
    [Fact]
    public void Refuses_exactly_the_ids_that_would_make_a_conversation_text_mean_two_things()
    {
        var random = new Random(20261121);
        var refused = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var taken = new HashSet<string>();
            while (taken.Count < 12)
            {
                var id = Word(random);
                if (taken.Contains(id)) continue;
                var ambiguous = IsAmbiguous([.. taken, id]);
                Assert.True(ambiguous == UserIds.WouldBeAmbiguous(id, taken.Contains), $"{id} beside {string.Join(' ', taken)} (round {round})");
                if (ambiguous) refused++;
                else taken.Add(id);
                if (ambiguous) break;
            }
        }

        Assert.True(refused > 100, $"only {refused} ambiguous ids were met: the test has no bite");
    }

    static string Word(Random random) => string.Concat(Enumerable.Range(0, random.Next(1, 7)).Select(_ => "ac_"[random.Next(3)]));

    static bool IsAmbiguous(string[] ids)
    {
        foreach (var caller in ids)
        {
            var texts = ids.Where(id => id != caller)
                .Select(id => string.CompareOrdinal(caller, id) < 0 ? $"{caller}_{id}" : $"{id}_{caller}").ToArray();
            if (texts.Distinct().Count() < texts.Length) return true;
        }

        return false;
    }
}
