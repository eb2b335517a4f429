using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Messages;
using Parley.Core.Users;
using static Parley.Core.Tests.RunningCore;

namespace Parley.Core.Tests;

/// <summary>Unread counts and histories against a model that knows nothing of marks and lists: a set of messages per user.</summary>
public sealed class UnreadTests
{
    static readonly ConversationKey AliceAndBob = ConversationKey.Peer(Alice, Bob);

    /// <summary>A message as the model has it.</summary>
    sealed class Said(UserNumber sender, string text, bool counts)
    {
        public UserNumber Sender { get; } = sender;
        public string Text { get; set; } = text;
        public bool Counts { get; } = counts;
        public bool IsGone { get; set; }
        public HashSet<UserNumber> ReadBy { get; } = [sender];
        public HashSet<UserNumber> HiddenBy { get; } = [];
        public HashSet<UserNumber> ClearedBy { get; } = [];
    }

    [Theory, MemberData(nameof(Seeds))]
    public async Task Counts_and_histories_are_right_after_any_sequence_of_operations(int seed)
    {
        var random = new Random(seed);
        var core = await StartAsync();
        var model = new List<Said>();
        for (var step = 0; step < 120; step++)
        {
            var (user, peer) = random.Next(2) == 0 ? (Alice, "bob") : (Bob, "alice");
            await StepAsync(core, random, model, user, peer);
            await CompareAsync(core, model, $"seed {seed}, step {step}");
        }

        await core.DisposeAsync();
        await using var again = await StartAsync(disk: core.Disk);
        await CompareAsync(again, model, $"seed {seed}, after a restart");
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 12)];

    static async Task StepAsync(RunningCore core, Random random, List<Said> model, UserNumber user, string peer)
    {
        var sequence = model.Count == 0 ? 0 : random.Next(model.Count) + 1;
        switch (random.Next(11))
        {
            case <= 3:
                var counts = random.Next(5) > 0;
                var message = core.Text(user, $"message {model.Count + 1}") with { Traits = counts ? MessageTraits.None : MessageTraits.NotCounted };
                Assert.True((await core.Sequencer.SubmitAsync(new SendMessage(0, Actor.Of(user), message, Recipient.User(peer), false))).IsAccepted);
                foreach (var earlier in model) earlier.ReadBy.Add(user);
                model.Add(new Said(user, $"message {model.Count + 1}", counts));
                break;
            case 4 or 5 when sequence > 0:
                await core.Sequencer.SubmitAsync(new MoveMark(0, Actor.Of(user), user, AliceAndBob, MarkKind.Read, sequence));
                foreach (var earlier in model.Take(sequence)) earlier.ReadBy.Add(user);
                break;
            case 6 when sequence > 0:
                await core.Sequencer.SubmitAsync(new HideMessages(0, Actor.Of(user), user, AliceAndBob, [sequence], false));
                if (!model[sequence - 1].ClearedBy.Contains(user)) model[sequence - 1].HiddenBy.Add(user);
                break;
            case 7 when sequence > 0:
                if (await core.Reader.FindAsync(0, user, AliceAndBob, sequence) is not { } recalled) return;
                var isOwn = model[sequence - 1].Sender == user;
                var canSee = !model[sequence - 1].HiddenBy.Contains(user);
                var refusal = (await core.Sequencer.SubmitAsync(new RecallMessage(0, Actor.Of(user), user, recalled))).Refusal;
                Assert.Equal(!canSee ? Refusal.UnknownMessage : !isOwn ? Refusal.NotAllowed : model[sequence - 1].IsGone ? Refusal.MessageGone : Refusal.None, refusal);
                if (refusal == Refusal.None) model[sequence - 1].IsGone = true;
                break;
            case 8 when sequence > 0:
                if (await core.Reader.FindAsync(0, user, AliceAndBob, sequence) is not { } edited) return;
                var body = System.Text.Encoding.UTF8.GetBytes($"edited {sequence} by {user.Value}");
                if ((await core.Sequencer.SubmitAsync(new EditMessage(0, Actor.Of(user), user, edited, ContentKind.Text, body))).IsAccepted)
                {
                    Assert.Equal((user, false), (model[sequence - 1].Sender, model[sequence - 1].IsGone));
                    model[sequence - 1].Text = $"edited {sequence} by {user.Value}";
                }

                break;
            case 9 when sequence > 0 && random.Next(4) == 0:
                await core.Sequencer.SubmitAsync(new MoveMark(0, Actor.Of(user), user, AliceAndBob, MarkKind.Minimum, sequence));
                foreach (var earlier in model.Take(sequence - 1)) earlier.ClearedBy.Add(user);
                break;
            case 10 when sequence > 0 && random.Next(4) == 0:
                await core.Sequencer.SubmitAsync(new CutConversation(0, Actor.Operator, AliceAndBob, sequence / 2));
                foreach (var earlier in model.Take(sequence / 2)) earlier.ClearedBy.UnionWith([Alice, Bob]);
                break;
        }
    }

    static async Task CompareAsync(RunningCore core, List<Said> model, string where)
    {
        foreach (var user in new[] { Alice, Bob })
        {
            var seen = model.Where(said => !said.ClearedBy.Contains(user)).ToArray();
            var unread = seen.Count(said => said.Counts && !said.IsGone && !said.ReadBy.Contains(user) && !said.HiddenBy.Contains(user));
            var actual = await core.Sequencer.QueryAsync((state, _) => state.App(0).Conversations.TryView(AliceAndBob, user, out var view) ? view.Unread : 0);
            Assert.True(unread == actual, $"{where}: user {user.Value} has {actual} unread, should be {unread}");

            var history = await core.Reader.ReadAsync(0, user, AliceAndBob, 1, long.MaxValue, 1_000);
            Assert.Equal(seen.Select(said => said.HiddenBy.Contains(user) || said.IsGone ? "" : said.Text), history.Select(stored => System.Text.Encoding.UTF8.GetString(stored.Message.Body.Span)));
            Assert.Equal(seen.Select(said => said.HiddenBy.Contains(user)), history.Select(stored => stored.IsDeleted));
        }
    }
}
