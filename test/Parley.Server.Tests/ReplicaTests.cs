using System.Text.Json.Nodes;

namespace Parley.Server.Tests;

/// <summary>A leader and its replica as processes, killed at random moments.</summary>
public sealed class ReplicaTests
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>With ReplicaAck=1 a promoted replica has every message that was acknowledged, though both processes were killed in between.</summary>
    [Fact]
    public async Task What_was_acknowledged_is_there_when_the_leader_is_gone_and_its_replica_promoted()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        using var scratch = new Scratch();
        var acked = new List<string>();
        using (var leader = await ServerProcess.ServeAsync(scratch["leader"], 0, ("PARLEY__HTTP__HTTP2PORT", "0"), ("PARLEY__CORE__REPLICAACK", "1"), ("PARLEY__CORE__MESSAGERATE", "0")))
        {
            var http2 = (await leader.WaitForLineAsync(line => line.StartsWith("parley ready: ", StringComparison.Ordinal))).Split(" http2 ")[1];
            string[] replicate = ["replicate", "--data", scratch["replica"], "--from", http2, "--secret-file", Path.Combine(scratch["leader"], "replication-secret"), "--name", "second"];
            var replica = ServerProcess.Start(replicate);
            try
            {
                using var backEnd = await BackEnd.ConnectAsync(leader.Address, scratch["leader"]).WaitAsync(Patience);
                await backEnd.RegisterAsync("alice", "bob");
                for (var round = 0; round < 3; round++)
                {
                    for (var count = random.Next(10, 60); count > 0; count--) await SendAsync(backEnd, acked);
                    await replica.KillAsync();
                    replica.Dispose();
                    replica = ServerProcess.Start(replicate);
                }

                var sending = Task.Run(async () =>
                {
                    while (true) await SendAsync(backEnd, acked);
                });
                var before = acked.Count;
                using var patience = new CancellationTokenSource(Patience);
                while (Volatile.Read(ref acked).Count < before + 20) await Task.Yield();
                await leader.KillAsync();
                await Assert.ThrowsAnyAsync<Exception>(() => sending.WaitAsync(Patience));
            }
            finally
            {
                await replica.KillAsync();
                replica.Dispose();
            }
        }

        using (var promoting = ServerProcess.Start(["promote", "--data", scratch["replica"]])) Assert.True(await promoting.WaitForExitAsync() == 0, promoting.Errors);
        using var promoted = await ServerProcess.ServeAsync(scratch["replica"]);
        using var successor = await BackEnd.ConnectAsync(promoted.Address, scratch["replica"]);
        var there = new HashSet<string>();
        for (var from = 1; ; from += 100)
        {
            var page = await successor.CallAsync("/msg/pull_msg_by_seq", new { userID = "alice", seqRanges = new[] { new { conversationID = "si_alice_bob", begin = from, end = from + 99, num = 100 } }, order = 0 });
            var messages = page["data"]!["msgs"]?["si_alice_bob"]?["Msgs"]?.AsArray() ?? page["data"]!["msgs"]?["si_alice_bob"]?["msgs"]?.AsArray();
            if (messages is null || messages.Count == 0) break;
            foreach (var message in messages) there.Add((string)message!["clientMsgID"]!);
        }

        Assert.True(acked.TrueForAll(there.Contains), $"seed {seed}: of {acked.Count} acknowledged messages {acked.Count(id => !there.Contains(id))} are missing");
        Assert.NotEmpty(acked);
    }

    static async Task SendAsync(BackEnd backEnd, List<string> acked)
    {
        var id = Guid.NewGuid().ToString("N");
        JsonNode answer;
        do
        {
            answer = await backEnd.CallAsync("/msg/send_msg", new { sendID = "alice", recvID = "bob", clientMsgID = id, content = new { content = "hello" }, contentType = 101, sessionType = 1 });
        }
        // While the replica restarts the outcome may be unknown, and then nothing is taken: the same id asks again.
        while ((int)answer["errCode"]! != 0);
        acked.Add(id);
    }
}
