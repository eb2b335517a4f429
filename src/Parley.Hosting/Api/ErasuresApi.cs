using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Core;
using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Erasing;
using Parley.Core.Sequencing;
using Parley.Edges.OpenIM;

namespace Parley.Hosting.Api;

/// <param name="UserIds">The two users of a peer conversation.</param>
/// <param name="GroupId">Or the group.</param>
/// <param name="Sequences">Messages; without it a stretch.</param>
/// <param name="From">First of the stretch; the first there is when absent.</param>
/// <param name="UpTo">Last of it; the last there is when absent.</param>
/// <param name="UserId">Or, alone, a user with all they wrote.</param>
sealed record ErasureRequest(string[]? UserIds, string? GroupId, long[]? Sequences, long? From, long? UpTo, string? UserId);

/// <param name="Position">Of the record that says that they are erased.</param>
/// <param name="IsOverwritten">Whether their bytes have left the log already.</param>
sealed record ErasureAnswer(long Position, bool IsOverwritten);

/// <summary>
/// <c>POST /api/v1/erasures</c>: takes messages of a conversation from everyone for good, or forgets a user. The answer is 200 once their bytes have left the log, and 202 when that takes long: they are gone for every reader then. For administrators.
/// </summary>
static class ErasuresApi
{
    const int MaxBodyBytes = 64 << 10;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static void MapErasures(this IEndpointRouteBuilder endpoints) => endpoints.MapPost("/api/v1/erasures", AnswerAsync);

    static async Task<IResult> AnswerAsync(ErasureRequest request, HttpContext context, Sequencer sequencer, Eraser eraser, CoreOptions options, OpenIMOptions openIM, TimeProvider time)
    {
        if (context.Request.ContentLength is null or > MaxBodyBytes)
            return Refused(StatusCodes.Status413PayloadTooLarge, "TooLarge", $"The body must state its length, at most {MaxBodyBytes} bytes.");
        if (!await Administrators.MayAsync(context, sequencer, openIM, time)) return Refused(StatusCodes.Status401Unauthorized, nameof(Refusal.NotAllowed), "An administrator's token is needed.");
        if (request.UserId is not null) return await EraseUserAsync(request, sequencer, eraser, openIM.App, time, context.RequestAborted);
        if ((request.UserIds is { Length: 2 }) == request.GroupId is not null)
            return Refused(StatusCodes.Status400BadRequest, "InvalidConversation", "Either two userIds or a groupId are needed, or a userId alone.");
        if (request.Sequences is not null && (request.From ?? request.UpTo) is not null || request.Sequences is { Length: 0 })
            return Refused(StatusCodes.Status400BadRequest, "InvalidMessages", "Either sequences are needed or from and upTo, which may be absent for all.");
        if (await FindAsync(request, sequencer, openIM.App) is not { } conversation)
            return Refused(StatusCodes.Status404NotFound, nameof(Refusal.UnknownConversation), "There is no such user or group.");

        var outcome = request.Sequences is { } sequences
            ? await sequencer.SubmitAsync(new EraseMessages(openIM.App, Actor.Administrator, conversation, sequences), cancellation: context.RequestAborted)
            : await EraseAsync(conversation, request.From ?? 1, request.UpTo ?? long.MaxValue, sequencer, options, openIM.App, context.RequestAborted);
        return outcome.Refusal switch
        {
            Refusal.None => await DoneAsync(outcome.Position, eraser, time, context.RequestAborted),
            Refusal.UnknownConversation or Refusal.UnknownMessage => Refused(StatusCodes.Status404NotFound, outcome.Refusal.ToString(), "Not all of these messages exist; none of them was erased."),
            Refusal.TooMany => Refused(StatusCodes.Status400BadRequest, outcome.Refusal.ToString(), $"At most {options.MaxMessagesPerCommand} sequences at a time."),
            var refusal => NotDone(refusal, "These messages can't be erased."),
        };
    }

    static async Task<IResult> EraseUserAsync(ErasureRequest request, Sequencer sequencer, Eraser eraser, long app, TimeProvider time, CancellationToken cancellation)
    {
        if (request is not { UserIds: null, GroupId: null, Sequences: null, From: null, UpTo: null })
            return Refused(StatusCodes.Status400BadRequest, "InvalidUser", "A user is erased with all they wrote: nothing may stand beside the userId.");
        var outcome = await sequencer.SubmitAsync(new EraseUser(app, Actor.Administrator, request.UserId!), cancellation: cancellation);
        return outcome.Refusal switch
        {
            // Asked again by the id that is left, what was begun may still be under way.
            Refusal.None => await DoneAsync(outcome.Position > 0 ? outcome.Position : sequencer.CommittedPosition, eraser, time, cancellation),
            Refusal.UnknownUser => Refused(StatusCodes.Status404NotFound, nameof(Refusal.UnknownUser), "There is no such user; one who was erased is known by another id."),
            var refusal => NotDone(refusal, "This user can't be erased."),
        };
    }

    static IResult NotDone(Refusal refusal, string message)
        => refusal is Refusal.OutcomeUnknown or Refusal.ReadOnly or Refusal.StoreFull or Refusal.Stopping
            ? Refused(StatusCodes.Status503ServiceUnavailable, refusal.ToString(), "The server can't write now; ask again later.")
            : Refused(StatusCodes.Status400BadRequest, refusal.ToString(), message);

    static async Task<IResult> DoneAsync(long position, Eraser eraser, TimeProvider time, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            await eraser.WaitAsync(position, either.Token);
            return Results.Json(new ErasureAnswer(position, IsOverwritten: true));
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return Results.Json(new ErasureAnswer(position, IsOverwritten: false), statusCode: StatusCodes.Status202Accepted);
        }
    }

    static async Task<ConversationKey?> FindAsync(ErasureRequest request, Sequencer sequencer, long number) => await sequencer.QueryAsync((state, _) =>
    {
        var app = state.App(number);
        if (request.GroupId is { } id) return app.Groups.TryFind(id, out var group) ? ConversationKey.Of(group) : default(ConversationKey?);
        return app.Users.TryFind(request.UserIds![0], out var one) && app.Users.TryFind(request.UserIds[1], out var other) ? ConversationKey.Peer(one, other) : null;
    });

    /// <summary>As many commands as it takes. One that fails leaves those before it done: asked again, they are erased once more, which changes nothing.</summary>
    static async Task<Outcome> EraseAsync(ConversationKey conversation, long from, long upTo, Sequencer sequencer, CoreOptions options, long app, CancellationToken cancellation)
    {
        var atOnce = (long)options.MaxMessagesPerCommand * ErasureRules.MaxRecords;
        for (var done = default(Outcome); ; from += atOnce)
        {
            var isLast = upTo - from < atOnce;
            var outcome = await sequencer.SubmitAsync(new EraseConversation(app, Actor.Administrator, conversation, from, isLast ? upTo : from + atOnce - 1), cancellation: cancellation);
            // Behind the last message there is nothing left to do.
            if (outcome.Refusal == Refusal.UnknownMessage && done.Position > 0) return done;
            if (!outcome.IsAccepted || isLast) return outcome;
            done = outcome;
        }
    }

    static IResult Refused(int status, string error, string message) => Results.Json(new ApiError(error, message), statusCode: status);
}
