using Google.Protobuf;
using Parley.Core.Commands;
using Parley.Core.Messages;
using Parley.Core.Storage;
using Parley.Rpc.Storage.V1;
using Parley.Store;
using Filing = Parley.Rpc.Storage.V1.Filing;
using Message = Parley.Rpc.Storage.V1.Message;

namespace Parley.Rpc.Storage;

/// <summary>Between the messages of <c>storage.proto</c> and what Core and the store speak of.</summary>
static class StorageMessages
{
    /// <returns>Null when nobody is named.</returns>
    public static Addressee? Read(Name? name) => name?.ByCase switch
    {
        Name.ByOneofCase.Id when name.Id.Length > 0 => new Addressee(name.Id, 0),
        Name.ByOneofCase.Number when name.Number > 0 => new Addressee("", name.Number),
        _ => null,
    };

    public static RawContent Read(Content? content) => content is null ? default : new RawContent(content.Cmd, content.DeviceId, content.Raw.Memory);

    public static Saved Write(in SavedPlace place) => new() { Id = place.Id, PreviousId = place.PreviousId, Sequence = place.Sequence };

    public static Message Write(StorageEntry entry)
    {
        var stored = entry.Message;
        var message = new Message
        {
            Id = stored.Position,
            Sequence = entry.Sequence,
            TimeUs = stored.Time,
            Kind = (int)stored.Message.Kind,
            Fate = stored.IsDeleted ? Fate.Deleted : stored.Recall is not null ? Fate.Recalled : Fate.Unspecified,
            SenderId = stored.SenderId,
            ClientMessageId = stored.Message.ClientId,
            EditedUs = stored.EditedAt,
        };
        if (stored.Conversation.IsGroup) message.GroupId = stored.Conversation.First;
        else if (stored.Sequence > 0) message.ReceiverId = stored.Conversation.PeerOf(stored.SenderId);
        if (message.Fate == Fate.Unspecified) message.Content = WriteContent(stored.Message);
        return message;
    }

    public static Record Write(LogRecord record)
    {
        var written = new Record { Position = record.Position, Type = record.Type, App = record.App, TimeUs = record.Time, Body = UnsafeByteOperations.UnsafeWrap(record.Body) };
        foreach (var filing in record.Filings) written.Filings.Add(new Filing { Feed = filing.Feed.Value, Sequence = filing.Sequence });
        return written;
    }

    static Content WriteContent(Core.Messages.Message message)
        => message.Kind == ContentKind.Raw && RawContent.Read(message.Body) is { } raw
            ? new Content { Cmd = raw.Command, DeviceId = raw.Device, Raw = UnsafeByteOperations.UnsafeWrap(raw.Bytes) }
            : new Content { Raw = UnsafeByteOperations.UnsafeWrap(message.Body) };
}
