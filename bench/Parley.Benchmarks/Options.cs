using System.Globalization;

namespace Parley.Benchmarks;

/// <summary>What the command line asked for.</summary>
sealed record Options
{
    /// <summary>Names that <c>--only</c> knows, in the order they run.</summary>
    public static readonly string[] Rows = ["disk", "echo", "store", "databases", "read", "snapshot", "messages", "idle", "state", "start", "memory", "fanout", "offline", "keys"];

    const string Usage = """
        usage: Parley.Benchmarks [--seconds N] [--only ROW[,ROW]] [--corpus FILE] [--data DIR] [--json FILE] [--load SxI] [--idle N] [--scale X] [--postgres C]
                      Parley.Benchmarks codecs
          --seconds N    measured time of each row, default 3
          --only ROW     disk, echo, store, databases, read, snapshot, messages, idle, state, start, memory, fanout, offline or keys; limits that a row is compared to run along
          --corpus FILE  message bodies: lines "[hh:mm] <nick> text" in column 2 of a .tsv.gz; default made-up text of the same lengths
          --data DIR     where to write; default a temporary directory on the repository's disk
          --json FILE    all figures, to compare runs
          --load SxI     only this load of the messages row, for example 50x16
          --envelope E   only this envelope of the messages row, for example gob or "json gzip"
          --idle N       connections of the idle row, default 5000
          --scale X      part of 1 M users, 1 M groups of 50 and 10 M conversations that the memory row folds, and of 10 M messages that the read row reads, default 0.1; 1 takes about 5 GB and minutes
          --postgres C   connection string of a PostgreSQL that the databases row may make a table in; default SQLite alone
          codecs         the codecs alone, by BenchmarkDotNet
        """;

    public double Seconds { get; init; } = 3;
    public IReadOnlyList<string> Only { get; init; } = Rows;
    public string? Corpus { get; init; }
    public string? Data { get; init; }
    public string? Json { get; init; }
    public string? Load { get; init; }
    public string? Envelope { get; init; }
    public int Idle { get; init; } = 5_000;
    public double Scale { get; init; } = 0.1;
    public string? Postgres { get; init; }

    /// <exception cref="ArgumentException">The message is for the user.</exception>
    public static Options Parse(string[] arguments)
    {
        if (arguments.Length % 2 != 0) throw new ArgumentException(Usage);
        var options = new Options();
        foreach (var pair in arguments.Chunk(2))
            options = pair[0] switch
            {
                "--seconds" => options with { Seconds = double.Parse(pair[1], CultureInfo.InvariantCulture) },
                "--only" => options with { Only = pair[1].Split(',') },
                "--corpus" => options with { Corpus = pair[1] },
                "--data" => options with { Data = pair[1] },
                "--json" => options with { Json = pair[1] },
                "--load" => options with { Load = pair[1] },
                "--envelope" => options with { Envelope = pair[1] },
                "--scale" => options with { Scale = double.Parse(pair[1], CultureInfo.InvariantCulture) },
                "--postgres" => options with { Postgres = pair[1] },
                "--idle" => options with { Idle = int.Parse(pair[1], CultureInfo.InvariantCulture) },
                _ => throw new ArgumentException(Usage),
            };
        return options.Only.All(Rows.Contains) ? options : throw new ArgumentException(Usage);
    }

    /// <summary>Whether a row runs: asked for, or the limit of one that was.</summary>
    public bool Wants(string row) => Only.Contains(row) || row switch
    {
        "disk" => Only.Contains("store") || Only.Contains("databases") || Only.Contains("messages") || Only.Contains("fanout"),
        "echo" => Only.Contains("messages"),
        _ => false,
    };
}
