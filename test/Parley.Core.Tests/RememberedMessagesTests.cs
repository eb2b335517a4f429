using Parley.Core.Conversations;
using Parley.Core.Messages;
using Parley.Core.Records;
using Parley.Core.Users;

namespace Parley.Core.Tests;

public sealed class RememberedMessagesTests
{
    const int Users = 5;

    /// <summary>Against a list that is searched from its end and cut by the same three rules.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Remembers_what_a_plain_list_would(int seed)
    {
        var options = new DedupeOptions { Window = TimeSpan.FromMicroseconds(300), MaxMessagesPerSender = 40, MaxMessages = 100 };
        var users = new UserTable();
        for (uint i = 1; i <= Users; i++) users.Add(new UserRegistered(new UserNumber(i), $"u{i}", "", "", "", null), 0);
        var remembered = new RememberedMessages(users, options);
        var model = new List<RememberedMessage>();
        var random = new Random(seed);
        for (long now = 1; now < 5_000; now += random.Next(1, 12))
        {
            var sender = new UserNumber((uint)random.Next(1, Users + 1));
            var name = new MessageName(sender, ConversationKey.Peer(sender, new UserNumber(1)), (UInt128)random.Next(150));
            var known = model.Where(m => m.Name == name && m.Time > now - 300).ToArray();
            Assert.Equal(known.Length > 0, remembered.TryFind(name, now, out var found));
            if (known.Length > 0)
            {
                Assert.Equal(known[^1], found);
                continue;
            }

            var message = new RememberedMessage(name, now, now, now, (ulong)now);
            remembered.Add(message);
            model.RemoveAll(m => m.Time <= now - 300);
            if (model.Count >= 100) model.RemoveAt(0);
            if (model.Count(m => m.Name.Sender == sender) >= 40) model.RemoveAt(model.FindIndex(m => m.Name.Sender == sender));
            model.Add(message);
            Assert.Equal(model.Count, remembered.Count);
        }
    }

    [Theory]
    [InlineData("00112233445566778899aabbccddeeff", "00112233445566778899AABBCCDDEEFF", false)]
    [InlineData("00112233445566778899aabbccddeeff", "00112233445566778899aabbccddeeff", true)]
    [InlineData("00112233445566778899aabbccddeeff", "10112233445566778899aabbccddeeff", false)]
    [InlineData("00112233445566778899aabbccddeeff", "00112233445566778899aabbccddeefe", false)]
    [InlineData("0000000000000000ffffffffffffffff", "ffffffffffffffff0000000000000000", false)]
    [InlineData("a", "b", false)]
    [InlineData("", " ", false)]
    public void Names_tell_client_ids_apart(string one, string other, bool same)
    {
        MessageName Name(string id) => MessageName.Of(new Message(new UserNumber(1), id, ContentKind.Text, default, 0, 0), ConversationKey.Peer(new UserNumber(1), new UserNumber(2)));
        Assert.Equal(same, Name(one) == Name(other));
    }
}
