using System.Text.RegularExpressions;

namespace Parley.Server.Tests;

/// <summary>With rules for everything old segments leave the disk of a server in use, and a kill, a backup and a restore find what is left.</summary>
public sealed partial class RetentionTests
{
    const int MaxMessages = 10_000;

    static readonly (string Name, string Value)[] Small =
    [
        ("PARLEY__STORE__SEGMENTBYTES", "131072"), ("PARLEY__STORE__PREPAREBYTES", "32768"), ("PARLEY__STORE__MAXBATCHBYTES", "65536"), ("PARLEY__STORE__SNAPSHOTEVERYSEGMENTS", "1"),
        ("PARLEY__CORE__MESSAGERATE", "0"), ("PARLEY__CORE__RETENTION__INTERVAL", "00:00:01"),
    ];

    [Fact]
    public async Task Old_segments_leave_the_disk_and_history_survives_a_kill_and_a_restore()
    {
        using var scratch = new Scratch();
        long kept;
        using (var server = await ServerProcess.ServeAsync(scratch["data"], 0, [.. Small, ("PARLEY__CORE__RETENTION__RULES__0__MAXAGE", "00:00:02")]))
        {
            using var backEnd = await BackEnd.ConnectAsync(server.Address, scratch["data"]);
            await backEnd.RegisterAsync("alice", "bob");
            var sent = 0;
            for (; !Dropped().IsMatch(server.Errors); sent++)
            {
                Assert.True(sent < MaxMessages, $"{server.Output}\n{server.Errors}");
                await SendAsync(backEnd, $"words {sent} {new string('.', 2_000)}");
            }

            Assert.False(File.Exists(Path.Combine(scratch["data"], "log", "00000001.segment")));
            kept = await SendAsync(backEnd, "the last words");
            Assert.Equal(sent + 1, kept);
            await server.KillAsync();
        }

        // What is kept for a year now is there, and what was let go before stays gone.
        (string Name, string Value)[] year = [.. Small, ("PARLEY__CORE__RETENTION__RULES__0__MAXAGE", "365.00:00:00")];
        using (var again = await ServerProcess.ServeAsync(scratch["data"], 0, year))
        {
            await ReadsAsync(again, scratch["data"], kept);
            Assert.Equal(0, await again.StopAsync());
        }

        await RunsAsync("check", "--data", scratch["data"]);
        await RunsAsync("dump", "--data", scratch["data"]);
        await RunsAsync("backup", "--data", scratch["data"], "--name", "one");
        await RunsAsync("restore", "--from", Path.Combine(scratch["data"], "backups", "one"), "--data", scratch["restored"]);
        await RunsAsync("check", "--data", scratch["restored"]);
        File.Copy(Path.Combine(scratch["data"], "openim-secret"), Path.Combine(scratch["restored"], "openim-secret"));
        using var restored = await ServerProcess.ServeAsync(scratch["restored"], 0, year);
        await ReadsAsync(restored, scratch["restored"], kept);
        Assert.Equal(0, await restored.StopAsync());
    }

    /// <summary>What is wrong is named: a rule needs an age, and there is no kind of that name.</summary>
    [Theory, InlineData("Group", "Parley:Core:Retention:Rules:0:MaxAge"), InlineData("Groups", "'Groups' at 'Parley:Core:Retention:Rules:0:Kind'")]
    public async Task A_rule_that_is_none_keeps_the_server_from_starting(string kind, string named)
    {
        using var scratch = new Scratch();
        using var server = ServerProcess.Start(["serve", "--data", scratch["data"]], ("PARLEY__CORE__RETENTION__RULES__0__KIND", kind));
        Assert.NotEqual(0, await server.WaitForExitAsync());
        Assert.Contains(named, server.Output + server.Errors, StringComparison.Ordinal);
    }

    static async Task<long> SendAsync(BackEnd backEnd, string text)
    {
        var sent = await backEnd.CallAsync("/msg/send_msg", new { sendID = "alice", recvID = "bob", content = new { content = text }, contentType = 101, sessionType = 1 });
        Assert.Equal(0, (int)sent["errCode"]!);
        return (long)(await backEnd.CallAsync("/msg/newest_seq", new { userID = "bob" }))["data"]!["maxSeqs"]!["si_alice_bob"]!;
    }

    static async Task ReadsAsync(ServerProcess server, string data, long last)
    {
        using var backEnd = await BackEnd.ConnectAsync(server.Address, data);
        var newest = (await backEnd.CallAsync("/msg/newest_seq", new { userID = "bob" }))["data"]!;
        Assert.Equal(last, (long)newest["maxSeqs"]!["si_alice_bob"]!);
        var first = (long)newest["minSeqs"]!["si_alice_bob"]!;
        Assert.InRange(first, 2, last);
        var pulled = await backEnd.CallAsync("/msg/pull_msg_by_seq", new { userID = "bob", seqRanges = new[] { new { conversationID = "si_alice_bob", begin = last - 5, end = last, num = 6 } } });
        var messages = pulled["data"]!["msgs"]!["si_alice_bob"]!["Msgs"]!.AsArray();
        Assert.Equal(Math.Min(6, last - first + 1), messages.Count);
    }

    static async Task RunsAsync(params string[] arguments)
    {
        using var command = ServerProcess.Start(arguments);
        Assert.True(await command.WaitForExitAsync() == 0, $"{string.Join(' ', arguments)}\n{command.Output}\n{command.Errors}");
    }

    [GeneratedRegex("[1-9][0-9]* segments dropped")]
    private static partial Regex Dropped();
}
