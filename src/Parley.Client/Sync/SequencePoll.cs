using Parley.Client.Connection;

namespace Parley.Client.Sync;

/// <summary>Asks for the newest sequences at regular times: a push that got lost shows in them.</summary>
sealed class SequencePoll(LongConnection connection, Questions questions, SyncInbox inbox, ParleyClientOptions options)
{
    public async Task RunAsync(CancellationToken ct)
    {
        while (true)
        {
            await connection.WhenConnectedAsync(ct);
            await Task.Delay(options.SequenceInterval, options.TimeProvider, ct);
            try { inbox.MaxSequences(await questions.NewestSequencesAsync(ct)); }
            // The next time, or the next connection, asks again.
            catch (ParleyException) { }
        }
    }
}
