using Parley.Client.Storage;

namespace Parley.Client.Tests.Storage;

public sealed class ConversationIdsTests
{
    [Theory]
    [InlineData("a", "b", "si_a_b")]
    [InlineData("b", "a", "si_a_b")]
    [InlineData("a", "B", "si_B_a")]
    [InlineData("a", "a", "si_a_a")]
    // By bytes, where UTF-16 would have it the other way round.
    [InlineData("\uFF01", "\U0001F600", "si_\uFF01_\U0001F600")]
    public void Both_users_come_in_the_order_of_their_bytes(string one, string other, string expected) =>
        Assert.Equal(expected, ConversationIds.BetweenTwo(one, other));

    [Theory]
    [InlineData("si_alice_bob", "alice", "bob")]
    [InlineData("si_alice_bob", "bob", "alice")]
    [InlineData("si_a_b_c_d", "a_b", "c_d")]
    [InlineData("si_a_b_c_d", "c_d", "a_b")]
    [InlineData("si_alice_bob", "eve", "")]
    [InlineData("sg_alice_bob", "alice", "")]
    public void The_peer_is_the_other_one(string conversation, string user, string expected) =>
        Assert.Equal(expected, ConversationIds.PeerOf(conversation, user));
}
