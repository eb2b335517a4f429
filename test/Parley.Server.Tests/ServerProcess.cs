using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Parley.Server.Tests;

/// <summary>A Parley process of its own, as an operator would start it.</summary>
sealed partial class ServerProcess : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly Process _process;
    readonly ConcurrentQueue<string> _lines = new();
    readonly ConcurrentQueue<string> _errors = new();
    readonly TaskCompletionSource _outputEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly SemaphoreSlim _more = new(0);

    ServerProcess(string[] arguments, (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Parley.Server.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null) _outputEnded.TrySetResult();
            else _lines.Enqueue(line.Data);
            _more.Release();
        };
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not null) _errors.Enqueue(line.Data);
        };
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Address { get; private set; } = "";

    public string Output => string.Join('\n', _lines);

    public string Errors => string.Join('\n', _errors);

    public static ServerProcess Start(string[] arguments, params (string Name, string Value)[] environment) => new(arguments, environment);

    /// <summary>Starts <c>serve</c> and waits until it accepts connections.</summary>
    /// <param name="port">0 takes a free one.</param>
    public static async Task<ServerProcess> ServeAsync(string data, int port = 0, params (string Name, string Value)[] environment)
    {
        var server = new ServerProcess(["serve", "--data", data], [("PARLEY__HTTP__PORT", $"{port}"), .. environment]);
        var line = await server.WaitForLineAsync(line => line.StartsWith("parley ready: ", StringComparison.Ordinal));
        server.Address = line.Split(' ')[2];
        return server;
    }

    public async Task<string> WaitForLineAsync(Func<string, bool> matches)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            if (_lines.FirstOrDefault(matches) is { } line) return line;
            if (_outputEnded.Task.IsCompleted) throw new InvalidOperationException($"The process ended without the line.\n{Output}\n{Errors}");
            try
            {
                await _more.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"The line did not come in {Patience}.\n{Output}\n{Errors}");
            }
        }
    }

    public void Type(string line) => _process.StandardInput.WriteLine(line);

    public void EndInput() => _process.StandardInput.Close();

    /// <summary>SIGKILL: no handler runs, no buffer is flushed.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, as a service manager sends it.</summary>
    public async Task<int> StopAsync()
    {
        Assert.Equal(0, Signal(_process.Id, 15));
        return await WaitForExitAsync();
    }

    public async Task<int> WaitForExitAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _more.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
