namespace Parley.Server.Tests.Corpus;

/// <summary>Rows of the form of a real channel's file, with all that is odd in one: joins without a leave before, speech without a join, lines of other meaning.</summary>
static class MadeUpChannel
{
    const int Logs = 6, LinesPerLog = 400, Nicks = 60;

    static readonly string[] Words = ["kernel", "sound", "works", "again", "thanks", "which", "driver", "naïve", "größer", "日本", ":)", "<tag>", "=== no", "[12:00]"];

    public static IEnumerable<string> Rows(int seed)
    {
        var random = new Random(seed);
        for (var log = 0; log < Logs; log++)
            for (var line = 0; line < LinesPerLog; line++)
                yield return $"2001-01-{log + 1:00}_00\t{Line(random)}";
    }

    static string Line(Random random)
    {
        var nick = $"nick{random.Next(Nicks)}_";
        var text = string.Join(' ', Enumerable.Range(0, random.Next(1, 12)).Select(_ => Words[random.Next(Words.Length)]));
        return random.Next(20) switch
        {
            0 or 1 => $"=== {nick} [~user@host.example]  has joined #channel",
            2 => $"=== {nick} [~user@host.example]  has left #channel []",
            3 => $"=== {nick} is now known as nick{random.Next(Nicks)}_",
            4 => $"[12:{random.Next(60):00}]  * {nick} {text}",
            5 => $"=== {nick} changed the topic of #channel to: {text}",
            6 => $"[12:{random.Next(60):00}] <{nick}>",
            _ => $"[12:{random.Next(60):00}] <{nick}> {text}",
        };
    }
}
