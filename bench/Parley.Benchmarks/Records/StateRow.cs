using Parley.Benchmarks.Reporting;
using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Users;
using Parley.Store;

namespace Parley.Benchmarks.Records;

/// <summary>What a user, a conversation and a read mark cost in memory, state and heads of feeds together.</summary>
sealed class StateRow(string directory)
{
    const int Users = 200_000, Conversations = 1_000_000, Pairs = Users / 2;
    const int AimPerUser = 512, AimPerConversation = 300;

    public async Task RunAsync(Report report)
    {
        report.Open("state", $"managed memory after a full collection, {Users:N0} users and {Conversations:N0} conversations built through Core; slack of grown arrays included",
            "bytes", "aim");
        var path = Path.Combine(directory, "state");
        // Small segments and a short memory for repeats, so that what is counted is neither messages not yet indexed nor their ids.
        await using (var core = await CoreInProcess.OpenAsync(path, new LogOptions { SegmentBytes = 16 << 20 },
            new CoreOptions { Dedupe = new DedupeOptions { MaxMessages = 1_024, MaxMessagesPerSender = 16 } }))
        {
            var empty = Settled();
            await core.RegisterAsync(Users);
            var registered = Settled();
            // The first message of a user also makes the inbox's feed; these touch every user once.
            await SendAsync(core, 0, Pairs);
            var first = Settled();
            await SendAsync(core, Pairs, Conversations);
            var all = Settled();
            await core.AllAsync(Pairs, i => new MoveMark(0, Actor.Operator, Receiver(i), ConversationKey.Peer(Sender(i), Receiver(i)), MarkKind.Read, 1));
            var marked = Settled();

            var perConversation = (double)(all - first) / (Conversations - Pairs);
            var perInbox = ((first - registered) - (Pairs * perConversation)) / Users;
            var perUser = (double)(registered - empty) / Users;
            report.Add("a user (id of 9 bytes)", Cell.Count(perUser), "");
            report.Add("its inbox's head", Cell.Count(perInbox), "");
            report.Add("a user with inbox", Cell.Count(perUser + perInbox), $"≤ {AimPerUser}");
            report.Add("a conversation with head", Cell.Count(perConversation), $"≤ {AimPerConversation}");
            report.Add("a read mark", Cell.Count(Math.Max(0, (double)(marked - all) / Pairs)), "0");
        }

        Directory.Delete(path, recursive: true);
    }

    static Task SendAsync(CoreInProcess core, int from, int to)
    {
        var body = "hi"u8.ToArray();
        return core.AllAsync(to - from, i => CoreInProcess.Message((int)Sender(from + i).Value, (int)Receiver(from + i).Value, from + i, body));
    }

    // Conversation k pairs user 2j+1 with the user k/Pairs rounds further on the other side: all pairs differ.
    static UserNumber Sender(int conversation) => new((uint)(conversation % Pairs * 2) + 1);

    static UserNumber Receiver(int conversation) => new((uint)(((conversation % Pairs) + (conversation / Pairs)) % Pairs * 2) + 2);

    static long Settled() => GC.GetTotalMemory(forceFullCollection: true);
}
