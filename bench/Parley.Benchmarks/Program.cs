using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Parley.Benchmarks;
using Parley.Benchmarks.Databases;
using Parley.Benchmarks.Limits;
using Parley.Benchmarks.Load;
using Parley.Benchmarks.Records;
using Parley.Benchmarks.Reporting;
using Parley.Benchmarks.Server;

if (args is [EchoServer.Verb])
{
    await EchoServer.RunAsync();
    return 0;
}

if (args is [CodecBenchmarks.Verb])
{
    BenchmarkRunner.Run<CodecBenchmarks>(DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance)).WithArtifactsPath(Path.Combine(Path.GetTempPath(), "parley-codecs")));
    return 0;
}

Options options;
try
{
    options = Options.Parse(args);
}
catch (ArgumentException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 2;
}

var data = options.Data ?? Path.Combine(AppContext.BaseDirectory, $"data-{Environment.ProcessId}");
Directory.CreateDirectory(data);
try
{
    await RunAsync(options, data);
    return 0;
}
catch (InvalidDataException e)
{
    // A wrong count is an error, not a number.
    await Console.Error.WriteLineAsync($"FAILED: {e.Message}");
    return 1;
}
finally
{
    if (options.Data is null) Directory.Delete(data, recursive: true);
}

static async Task RunAsync(Options options, string data)
{
    var bodies = Bodies.Load(options.Corpus);
    var conditions = Machine.Describe(data);
    conditions["durability"] = $"{new Parley.Store.LogOptions().Durability}: acknowledged after fdatasync";
    conditions["rate limit"] = "lifted (PARLEY__CORE__MESSAGERATE=0)";
    conditions["bodies"] = options.Corpus is null ? "made up, lengths of a public IRC channel" : Path.GetFileName(options.Corpus);
    conditions["client"] = "one thread, loopback, no TLS, on the same cores as the server";
    foreach (var (name, value) in conditions) Console.WriteLine($"{name,-12} {value}");

    var report = new Report(conditions);
    var time = TimeSpan.FromSeconds(options.Seconds);
    bool Wants(Shape shape) => options.Load is null || options.Load == shape.ToString();
    var (disk, echo) = (new DiskProbe(data, time), new EchoRow(bodies, time));
    if (options.Wants("disk")) disk.Run(report);
    if (options.Wants("echo")) await echo.RunAsync(report, Wants);
    if (options.Wants("store")) await new StoreRow(data, time, disk).RunAsync(report);
    if (options.Wants("databases")) await new DatabaseRow(data, time, options.Postgres, disk).RunAsync(report);
    if (options.Wants("read")) await new ReadRow(data, time, options.Scale).RunAsync(report);
    if (options.Wants("snapshot")) await new SnapshotRow(data, time).RunAsync(report);
    if (options.Wants("messages"))
        await new MessagesRow(data, bodies, time, disk, echo).RunAsync(report, Wants, envelope => options.Envelope is null || options.Envelope == envelope.ToString());
    if (options.Wants("fanout"))
        await new FanoutRow(data, bodies, time, disk).RunAsync(report, envelope => options.Envelope is null || options.Envelope == envelope.ToString());
    if (options.Wants("offline")) await new OfflineRow(data, bodies, time).RunAsync(report);
    if (options.Wants("idle")) await new IdleRow(data, options.Idle).RunAsync(report);
    if (options.Wants("state")) await new StateRow(data).RunAsync(report);
    if (options.Wants("memory")) await new MemoryRow(data, options.Scale).RunAsync(report);
    if (options.Wants("start")) await new StartRow(data, bodies).RunAsync(report);
    if (options.Wants("keys")) await new KeysRow(data).RunAsync(report);
    if (options.Json is not null) report.Write(options.Json);
}
