using Parley.Core.Commands;
using Parley.Core.Conversations;
using Parley.Core.Messages;
using Parley.Core.Records;
using Parley.Core.Sequencing;
using Parley.Core.Users;
using Parley.Store;
using Parley.Store.Erasing;
using Parley.Store.Reads;

namespace Parley.Core.Erasing;

/// <summary>
/// Carries out one <see cref="UserErased"/>: the groups that are still to be left, the messages, and the texts in other records, found by one walk over the log. What is left half done is begun anew: commands that
/// were carried out change nothing the second time, and records that were overwritten hold no texts. For one user.
/// </summary>
/// <param name="erased">Its id is empty once it has left the log, and then it is nowhere else in it.</param>
sealed class UserEraser(Log log, Sequencer sequencer, long app, UserErased erased)
{
    const int RecordsAtATime = 4_096;
    const int BytesAtATime = 1 << 20;

    /// <summary>Sequences of messages kept at a time, over all conversations.</summary>
    const int MaxSequences = 64 << 10;

    readonly TaggedWriter _writer = new();
    readonly List<Replacement> _replacements = [];
    readonly Dictionary<ConversationKey, List<long>> _messages = [];
    readonly UserNumber _user = erased.User;
    int _bytes, _sequences, _overwritten;
    Replacement? _last;

    /// <param name="position">Of the record that says so.</param>
    /// <returns>Records overwritten. Messages are not among them: that they are to be erased is said by records behind this one.</returns>
    /// <exception cref="IOException">The sequencer takes no writes now, or a write failed: to be tried again.</exception>
    public async Task<int> EraseAsync(long position, CancellationToken cancellation)
    {
        while (await sequencer.QueryAsync((state, _) => state.App(app).Members.GroupsOf(_user).Any()))
            await SubmitAsync(new EraseUser(app, Actor.Operator, UserIds.OfErased(_user)), cancellation);

        await WalkAsync(1, position, isBehind: false, cancellation);
        await EraseMessagesAsync(cancellation);
        // What others asked for before they knew, a recall perhaps, may still say how the user was called.
        await WalkAsync(position + 1, sequencer.CommittedPosition, isBehind: true, cancellation);
        await OverwriteAsync(cancellation);

        if (_last is not { } last) return _overwritten;
        _replacements.Add(last);
        await OverwriteAsync(cancellation);
        return _overwritten;
    }

    async Task WalkAsync(long from, long to, bool isBehind, CancellationToken cancellation)
    {
        for (var next = from; next <= to;)
        {
            cancellation.ThrowIfCancellationRequested();
            var end = Math.Min(to, next + RecordsAtATime - 1);
            using (var scan = log.Scan(next, end))
            {
                // There may be fewer than that: where there are none, the walk goes on behind.
                for (next = end + 1; scan.TryNext();)
                {
                    if (scan.App == app) Look(scan, isBehind);
                    if (_bytes < BytesAtATime && _sequences < MaxSequences) continue;
                    next = scan.Position + 1;
                    break;
                }
            }

            if (_bytes >= BytesAtATime || _replacements.Count >= RecordsAtATime) await OverwriteAsync(cancellation);
            if (_sequences >= MaxSequences) await EraseMessagesAsync(cancellation);
            await Task.Yield();
        }
    }

    void Look(LogScan scan, bool isBehind)
    {
        if (scan.Type == RecordTypes.MessageSent)
        {
            LookAtMessage(scan, isBehind);
            return;
        }

        var record = Record.Read(scan.Type, scan.Body.ToArray());
        if (record is null || !record.HoldsTextsOf(_user, new Applied(scan.Position, scan.Time, scan.Filings))) return;
        var replacement = ReplacementOf(scan, () => record.WriteWithoutTexts(_writer, _user));
        if (record is UserErased) _last = replacement;
        else Add(replacement);
    }

    void LookAtMessage(LogScan scan, bool isBehind)
    {
        var (sender, kind, isErased) = HeadOf(scan.Body);
        if (sender == _user)
        {
            // What is said behind is said of them, and of none of their messages.
            if (isErased || isBehind) return;
            var key = new ConversationKey(scan.Filings[0].Feed);
            if (!_messages.TryGetValue(key, out var sequences)) _messages[key] = sequences = [];
            sequences.Add(scan.Filings[0].Sequence);
            _sequences++;
        }
        // Behind, the id may be another's.
        else if (kind == ContentKind.Event && erased.Id.Length > 0 && !isBehind && ((MessageSent)Record.Read(scan.Type, scan.Body.ToArray())!).WithoutNaming(erased.Id) is { } without)
        {
            Add(ReplacementOf(scan, () => without.Write(_writer)));
        }
    }

    /// <summary>The few fields that say whether a message is of interest: there may be millions that are not.</summary>
    static (UserNumber Sender, ContentKind Kind, bool IsErased) HeadOf(ReadOnlySpan<byte> body)
    {
        var (sender, kind, hasBody, isErased) = (default(UserNumber), ContentKind.None, false, false);
        var reader = new TaggedReader(body);
        while (reader.TryRead(out var tag))
        {
            if (tag == 1) sender = new UserNumber((uint)reader.Number);
            else if (tag == 3) kind = (ContentKind)reader.Number;
            else if (tag == 4) hasBody = true;
            else if (tag == TaggedWriter.ErasedTag) isErased = true;
        }

        return (sender, kind, isErased && !hasBody);
    }

    Replacement ReplacementOf(LogScan scan, Action write)
    {
        _writer.Clear();
        write();
        if (!_writer.TryErase(scan.Body.Length) && !_writer.TryEraseTightly(scan.Body.Length))
            throw new InvalidDataException($"Record {scan.Position} has {scan.Body.Length} bytes, too few to be erased: it was written by a broken or newer server.");
        return new Replacement(scan.Position, _writer.Written.ToArray());
    }

    void Add(Replacement replacement)
    {
        _replacements.Add(replacement);
        _bytes += replacement.Body.Length;
    }

    async Task OverwriteAsync(CancellationToken cancellation)
    {
        if (_replacements.Count == 0) return;
        await log.OverwriteAsync(_replacements, cancellation);
        _overwritten += _replacements.Count;
        _replacements.Clear();
        _bytes = 0;
    }

    async Task EraseMessagesAsync(CancellationToken cancellation)
    {
        foreach (var (conversation, sequences) in _messages.OrderBy(entry => entry.Key.Feed.Value))
            foreach (var chunk in sequences.Chunk(sequencer.Options.MaxMessagesPerCommand))
                await SubmitAsync(new EraseMessages(app, Actor.Operator, conversation, chunk), cancellation);
        _messages.Clear();
        _sequences = 0;
    }

    async Task SubmitAsync(Command command, CancellationToken cancellation)
    {
        var outcome = await sequencer.SubmitAsync(command, cancellation: cancellation).WaitAsync(cancellation);
        if (!outcome.IsAccepted) throw new IOException($"User {_user.Value} of app {app} is not erased to the end: the server refused a part ({outcome.Refusal}). It is tried again.");
    }
}
