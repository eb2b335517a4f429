using Parley.Core.Records;
using Parley.Store;
using Parley.Store.Erasing;

namespace Parley.Core.Erasing;

/// <summary>Says what takes the place of a record that is to be erased: the same record, as long, without what a person wrote.</summary>
sealed class Redaction
{
    readonly TaggedWriter _writer = new();

    /// <summary>Whether it is a message, or an edit, that was not erased yet.</summary>
    public static bool IsDue(LogRecord stored, out Record? record)
    {
        record = stored.Type is RecordTypes.MessageSent or RecordTypes.MessageEdited ? Record.Read(stored.Type, stored.Body) : null;
        return record is MessageSent { IsErased: false } or MessageEdited { IsErased: false };
    }

    /// <param name="record">What <see cref="IsDue"/> read.</param>
    /// <exception cref="InvalidDataException">It has no room to say that it was erased. Whatever the rules let pass has.</exception>
    public Replacement Of(LogRecord stored, Record record)
    {
        foreach (var isTight in (bool[])[false, true])
        {
            _writer.Clear();
            if (record is MessageSent sent) sent.WriteErased(_writer);
            else ((MessageEdited)record).WriteErased(_writer, isTight);
            if (_writer.TryErase(stored.Body.Length)) return new Replacement(stored.Position, _writer.Written.ToArray());
        }

        throw new InvalidDataException($"Record {stored.Position} has {stored.Body.Length} bytes, too few to be erased: it was written by a broken or newer server.");
    }
}
