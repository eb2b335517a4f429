using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Parley.Core.Sequencing;
using Parley.Edges.OpenIM;
using Parley.Store;
using Parley.Store.Backups;
using Parley.Store.Disks;

namespace Parley.Hosting.Api;

sealed record BackupRequest(string? Name);

/// <summary>What a backup holds, and what it cost.</summary>
/// <param name="First">The first record it holds: 1, or where the log begins since its first segments were dropped.</param>
/// <param name="Position">Every record up to this one.</param>
public sealed record BackupAnswer(string Directory, long First, long Position, DateTimeOffset At, int FilesCopied, int FilesKept, long BytesCopied);

/// <summary><c>POST /api/v1/backups</c>: backs the log up while the server runs, into a directory below <see cref="ParleyOptions.BackupDirectory"/>. For administrators of every app.</summary>
public static partial class BackupsApi
{
    public static void MapBackups(this IEndpointRouteBuilder endpoints) => endpoints.MapPost("/api/v1/backups", AnswerAsync);

    /// <summary>Backs up into <paramref name="name"/> below the options' directory; a second time under the same name copies only what is new.</summary>
    /// <exception cref="IOException">It failed; the message says why.</exception>
    public static async Task<BackupAnswer> BackUpAsync(Log log, ParleyOptions options, string name, CancellationToken cancellation)
    {
        if (!IsName(name)) throw new BackupFailedException($"A backup's name has 1 to 64 letters, digits, '-' and '_'; {name} is none.");
        var directory = Path.Combine(options.BackupDirectory ?? Path.Combine(options.DataDirectory, "backups"), name);
        OwnerOnly.CreateDirectory(directory);
        var report = await Backup.RunAsync(log, new PosixDisk(directory), cancellation);
        return new BackupAnswer(Path.GetFullPath(directory), report.Check.FirstPosition, report.Position, DateTimeOffset.UnixEpoch.AddTicks(report.Time * TimeSpan.TicksPerMicrosecond), report.FilesCopied, report.FilesKept, report.BytesCopied);
    }

    static bool IsName(string name) => Names().IsMatch(name);

    static async Task<IResult> AnswerAsync(BackupRequest request, HttpContext context, Log log, IOptions<ParleyOptions> options, Sequencer sequencer, OpenIMOptions openIM, TimeProvider time)
    {
        if (!await Administrators.MayAsync(context, sequencer, openIM, time, everyApp: true))
            return Results.Json(new ApiError("NotAllowed", "The token of an administrator of every app is needed."), statusCode: StatusCodes.Status401Unauthorized);
        if (request.Name is null || !IsName(request.Name))
            return Results.Json(new ApiError("InvalidName", "A name of 1 to 64 letters, digits, '-' and '_' is needed."), statusCode: StatusCodes.Status400BadRequest);
        try
        {
            // It reads and verifies everything, for as long as that takes, on a thread that may block.
            return Results.Json(await Task.Factory.StartNew(() => BackUpAsync(log, options.Value, request.Name, context.RequestAborted), context.RequestAborted,
                TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap());
        }
        catch (IOException e)
        {
            return Results.Json(new ApiError("BackupFailed", e.Message), statusCode: e is DirectoryInUseException ? StatusCodes.Status409Conflict : StatusCodes.Status500InternalServerError);
        }
    }

    [GeneratedRegex("^[A-Za-z0-9_-]{1,64}$")]
    private static partial Regex Names();
}
