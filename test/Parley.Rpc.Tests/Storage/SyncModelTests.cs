using Google.Protobuf;
using Parley.Core.Commands;
using Parley.Rpc.Storage.V1;

namespace Parley.Rpc.Tests.Storage;

/// <summary>Random saves, and random questions about them, against lists.</summary>
public sealed class SyncModelTests
{
    /// <param name="Text">Null for what no page has to show as it was.</param>
    sealed record Kept(long Id, long TimeUs, string Text);

    static readonly int[] Seeds = [1, 2, 3, Environment.TickCount];

    public static TheoryData<int> Runs => [.. Enumerable.Range(0, Seeds.Length)];

    [Theory, MemberData(nameof(Runs))]
    public async Task Every_page_and_count_is_what_the_model_says(int run)
    {
        var random = new Random(Seeds[run]);
        try
        {
            // Small segments: feeds reach over several, with index files and without.
            await using var rpc = await RunningRpc.StartAsync(options => (options.MaxPage, options.MaxPageBytes) = (7, 64 << 10));
            await RunAsync(rpc, random);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"seed {Seeds[run]}", e);
        }
    }

    static async Task RunAsync(RunningRpc rpc, Random random)
    {
        var users = await rpc.NewUsersAsync(4);
        var group = await rpc.NewGroupAsync(users[0], users[1]);
        var inboxes = users.ToDictionary(user => user.Id, _ => new List<Kept>());
        var conversation = new List<Kept>();

        for (var step = 0; step < 300; step++)
        {
            var user = users[random.Next(users.Length)];
            switch (random.Next(11))
            {
                case 0 or 1 or 2:
                    await SavePeerAsync(rpc, random, user, inboxes[user.Id]);
                    break;
                case 3:
                    await SaveManyAsync(rpc, random, users, inboxes);
                    break;
                case 4:
                    await SaveGroupAsync(rpc, random, group, conversation);
                    break;
                case 5:
                    await SendAsync(rpc, random, users, group, inboxes, conversation);
                    break;
                case 6:
                    await CountAsync(rpc, random, user, inboxes[user.Id]);
                    break;
                case 7:
                    await LatestAsync(rpc, random, user, inboxes[user.Id]);
                    break;
                case 8:
                    await SyncGroupAsync(rpc, random, group, conversation);
                    break;
                default:
                    await SyncAsync(rpc, random, user, inboxes[user.Id]);
                    break;
            }
        }

        foreach (var user in users) await WalkAsync(rpc, random, user, inboxes[user.Id]);
    }

    static Content NewContent(Random random, out string text)
    {
        text = $"{random.Next()}".PadRight(random.Next(5) == 0 ? random.Next(30_000) + 1 : 10, '.');
        return new Content { Cmd = random.Next(), DeviceId = random.NextInt64(), Raw = ByteString.CopyFromUtf8(text) };
    }

    static void Keep(RunningRpc rpc, List<Kept> feed, Saved saved, string text)
    {
        Assert.Equal((feed.Count + 1, feed.Count == 0 ? 0 : feed[^1].Id), (saved.Sequence, saved.PreviousId));
        Assert.True(saved.Id <= rpc.Log.CommittedPosition);
        feed.Add(new Kept(saved.Id, rpc.Log.ReadFrom(saved.Id, 1, 1)[0].Time, text));
    }

    static async Task SavePeerAsync(RunningRpc rpc, Random random, Name user, List<Kept> inbox)
    {
        var request = new SavePeerMessageRequest { User = user, Content = NewContent(random, out var text), ClientMessageId = random.Next(2) == 0 ? "" : $"{random.NextInt64()}" };
        var saved = (await rpc.Client.SavePeerMessageAsync(request)).Saved;
        Keep(rpc, inbox, saved, text);
        if (request.ClientMessageId.Length > 0) Assert.Equal(saved, (await rpc.Client.SavePeerMessageAsync(request)).Saved);
    }

    static async Task SaveManyAsync(RunningRpc rpc, Random random, Name[] users, Dictionary<string, List<Kept>> inboxes)
    {
        var members = users.Where(_ => random.Next(2) == 0).DefaultIfEmpty(users[0]).ToArray();
        random.Shuffle(members);
        var answer = await rpc.Client.SavePeerGroupMessageAsync(new SavePeerGroupMessageRequest { Members = { members }, Content = NewContent(random, out var text) });
        foreach (var (member, saved) in members.Zip(answer.Saved)) Keep(rpc, inboxes[member.Id], saved, text);
    }

    static async Task SaveGroupAsync(RunningRpc rpc, Random random, Name group, List<Kept> conversation)
        => Keep(rpc, conversation, (await rpc.Client.SaveGroupMessageAsync(new SaveGroupMessageRequest { Group = group, Content = NewContent(random, out var text) })).Saved, text);

    /// <summary>What users send is filed in the same feeds.</summary>
    static async Task SendAsync(RunningRpc rpc, Random random, Name[] users, Name group, Dictionary<string, List<Kept>> inboxes, List<Kept> conversation)
    {
        var isToGroup = random.Next(2) == 0;
        var text = $"sent {random.Next()}";
        var outcome = await rpc.SendAsync(users[0], isToGroup ? Recipient.Group(group.Id) : Recipient.User(users[2].Id), text);
        var kept = new Kept(outcome.Position, outcome.Time, text);
        if (isToGroup) conversation.Add(kept);
        inboxes[users[0].Id].Add(kept);
        inboxes[users[isToGroup ? 1 : 2].Id].Add(kept);
    }

    /// <summary>Of a message of the feed, of another feed, before all and after all.</summary>
    static long AnyId(RunningRpc rpc, Random random, List<Kept> feed) => random.Next(6) switch
    {
        0 => 0,
        1 => random.NextInt64(rpc.Log.CommittedPosition, long.MaxValue),
        2 or 3 => random.NextInt64(rpc.Log.CommittedPosition + 1),
        _ => feed.Count == 0 ? 1 : feed[random.Next(feed.Count)].Id,
    };

    static async Task CountAsync(RunningRpc rpc, Random random, Name user, List<Kept> inbox)
    {
        var id = AnyId(rpc, random, inbox);
        Assert.Equal(inbox.Count(kept => kept.Id > id), (await rpc.Client.GetNewCountAsync(new GetNewCountRequest { User = user, LastId = id })).Count);
    }

    static async Task LatestAsync(RunningRpc rpc, Random random, Name user, List<Kept> inbox)
    {
        var limit = random.Next(10);
        var page = await rpc.Client.GetLatestMessageAsync(new GetLatestMessageRequest { User = user, Limit = limit });
        Check(inbox, Enumerable.Reverse(inbox).Take(limit is 0 or > 7 ? 7 : limit), page.Messages, page.HasMore, inbox.Count);
    }

    static async Task<SyncMessageResponse> SyncAsync(RunningRpc rpc, Random random, Name user, List<Kept> inbox, long? from = null)
    {
        var (id, limit) = (from ?? AnyId(rpc, random, inbox), random.Next(10));
        var page = await rpc.Client.SyncMessageAsync(new SyncMessageRequest { User = user, LastId = id, Limit = limit });
        var expected = inbox.Where(kept => kept.Id > id).ToArray();
        Check(inbox, expected.Take(limit is 0 or > 7 ? 7 : limit), page.Messages, page.HasMore, expected.Length);
        Assert.Equal((page.Messages.Count == 0 ? id : page.Messages[^1].Id, inbox.Count == 0 ? 0 : inbox[^1].Id), (page.LastId, page.NewestId));
        return page;
    }

    static async Task SyncGroupAsync(RunningRpc rpc, Random random, Name group, List<Kept> conversation)
    {
        var (id, limit) = (AnyId(rpc, random, conversation), random.Next(10));
        var joined = random.Next(2) == 0 || conversation.Count == 0 ? 0 : conversation[random.Next(conversation.Count)].TimeUs + random.Next(-1, 2);
        var page = await rpc.Client.SyncGroupMessageAsync(new SyncGroupMessageRequest { Group = group, LastId = id, Limit = limit, JoinedUs = joined });
        var expected = conversation.Where(kept => kept.Id > id && kept.TimeUs >= joined).ToArray();
        Check(conversation, expected.Take(limit is 0 or > 7 ? 7 : limit), page.Messages, page.HasMore, expected.Length);
    }

    /// <summary>Page after page to the end: nothing is missing, nothing comes twice.</summary>
    static async Task WalkAsync(RunningRpc rpc, Random random, Name user, List<Kept> inbox)
    {
        var seen = new List<long>();
        for (long id = 0; ;)
        {
            var page = await SyncAsync(rpc, random, user, inbox, id);
            seen.AddRange(page.Messages.Select(message => message.Id));
            id = page.LastId;
            if (!page.HasMore) break;
            Assert.NotEmpty(page.Messages);
        }

        Assert.Equal(inbox.Select(kept => kept.Id), seen);
    }

    /// <param name="all">How many there are without a limit. Bytes may cut a page short of the limit too, but never to nothing, and never silently.</param>
    static void Check(List<Kept> feed, IEnumerable<Kept> expected, Google.Protobuf.Collections.RepeatedField<Message> messages, bool hasMore, int all)
    {
        var most = expected.ToArray();
        Assert.Equal(most.Take(messages.Count).Select(kept => (kept.Id, kept.TimeUs, kept.Text)), messages.Select(message => (message.Id, message.TimeUs, message.Content.Raw.ToStringUtf8())));
        Assert.All(messages, message => Assert.Equal(feed.FindIndex(kept => kept.Id == message.Id) + 1, message.Sequence));
        Assert.Equal(messages.Count < all, hasMore);
        if (messages.Count < most.Length) Assert.True(messages.Count > 0 && most.Take(messages.Count + 1).Sum(kept => kept.Text.Length + 200) > 64 << 10, "a page was cut for no reason");
    }
}
