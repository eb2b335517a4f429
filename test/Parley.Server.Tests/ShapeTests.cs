using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Parley.Server.Tests;

/// <summary>Holds the project files and the sources to the architecture's borders.</summary>
public sealed partial class ShapeTests
{
    static readonly string Root = FindRoot();

    /// <summary>Who may refer to whom; a new arrow is a change of this table, argued for in its commit.</summary>
    static readonly Dictionary<string, string[]> References = new()
    {
        ["Store"] = [],
        ["Wire"] = [],
        ["Gateway"] = [],
        ["Core"] = ["Store"],
        ["Edges"] = ["Core", "Gateway", "Wire"],
        ["Client"] = ["Wire"],
        ["Rpc"] = ["Core", "Wire"],
        ["Hosting"] = ["Edges", "Rpc"],
        ["Server"] = ["Client", "Hosting"],
    };

    [Fact]
    public void Project_references_are_those_of_the_table()
    {
        var projects = Directory.GetFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories);
        Assert.Equal(References.Keys.Order(), projects.Select(NameOf).Order());
        foreach (var project in projects)
        {
            var references = XDocument.Load(project).Descendants("ProjectReference").Select(reference => NameOf(reference.Attribute("Include")!.Value));
            Assert.True(References[NameOf(project)].Order().SequenceEqual(references.Order()), $"{NameOf(project)} refers to {string.Join(", ", references)}");
        }
    }

    [Fact]
    public void Core_and_Store_hold_no_socket_HTTP_protocol_clock_or_thread()
    {
        foreach (var (file, text) in Sources("Core").Concat(Sources("Store")))
            Assert.False(ForbiddenBelow().Match(text) is { Success: true } match, $"{file} holds {ForbiddenBelow().Match(text).Value}");
    }

    [Fact]
    public void No_edge_names_another()
    {
        var edges = Directory.GetDirectories(Path.Combine(Root, "src", "Parley.Edges")).Select(Path.GetFileName).Where(name => name is not ("bin" or "obj")).ToArray();
        foreach (var edge in edges)
            foreach (var (file, text) in Sources("Edges").Where(source => source.File.Contains($"/{edge}/", StringComparison.Ordinal)))
                foreach (var other in edges.Where(other => other != edge))
                    Assert.False(text.Contains($"Parley.Edges.{other}", StringComparison.Ordinal), $"{file} names {other}");
    }

    [Fact]
    public void Projects_that_a_seed_decides_take_their_packages_from_the_runtime_alone()
    {
        foreach (var name in new[] { "Store", "Core" })
            Assert.Empty(XDocument.Load(Path.Combine(Root, "src", $"Parley.{name}", $"Parley.{name}.csproj")).Descendants("PackageReference"));
    }

    static IEnumerable<(string File, string Text)> Sources(string project)
        => Directory.GetFiles(Path.Combine(Root, "src", $"Parley.{project}"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal)).Select(file => (file, Comment().Replace(File.ReadAllText(file), "")));

    static string NameOf(string path) => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'))["Parley.".Length..];

    static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Parley.slnx"))) directory = directory.Parent!;
        return directory.FullName;
    }

    [GeneratedRegex(@"\b(Socket|WebSocket|HttpContext|HttpClient|Protobuf|Tars|Gob|DateTime(Offset)?\.(Utc)?Now|Environment\.TickCount|Stopwatch|Task\.Run|new Thread|ThreadPool|Thread\.Sleep|ConfigureAwait|Random\.Shared)\b")]
    private static partial Regex ForbiddenBelow();

    [GeneratedRegex(@"^\s*//.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();
}
