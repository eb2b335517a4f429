using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf;
using Parley.Core.Messages;
using Parley.Edges.OpenIM.Rest;

namespace Parley.Edges.OpenIM.Translation;

/// <summary>
/// The content of a message. On the wire it is a JSON object of its content type; Parley keeps a text as the text itself and everything else as that document.
/// </summary>
static class Content
{
    static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <returns>The body, in memory of its own; null when the content is not what its type wants.</returns>
    public static byte[]? Read(ContentKind kind, ReadOnlySpan<byte> content)
    {
        try
        {
            return kind == ContentKind.Text ? ReadText(content) : ReadDocument(content);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not JSON, or text that is not Unicode.
            return null;
        }
    }

    public static ByteString Write(ContentKind kind, ReadOnlyMemory<byte> body)
    {
        if (kind != ContentKind.Text) return UnsafeByteOperations.UnsafeWrap(body);
        var buffer = new ArrayBufferWriter<byte>(body.Length + 32);
        using var json = new Utf8JsonWriter(buffer, Relaxed);
        json.WriteStartObject();
        json.WriteString("content"u8, body.Span);
        json.WriteEndObject();
        json.Flush();
        return UnsafeByteOperations.UnsafeWrap(buffer.WrittenMemory);
    }

    /// <summary>Content of a notification: the tips object as JSON, in a string of JSON.</summary>
    public static ByteString Detail(object tips)
    {
        var detail = JsonSerializer.SerializeToUtf8Bytes(tips, tips.GetType(), RestJson.Options);
        var buffer = new ArrayBufferWriter<byte>(detail.Length + (detail.Length / 4) + 32);
        using var json = new Utf8JsonWriter(buffer, Relaxed);
        json.WriteStartObject();
        json.WriteString("detail"u8, detail);
        json.WriteEndObject();
        json.Flush();
        return UnsafeByteOperations.UnsafeWrap(buffer.WrittenMemory);
    }

    static byte[]? ReadText(ReadOnlySpan<byte> content)
    {
        var reader = new Utf8JsonReader(content);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
        byte[]? text = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isText = reader.ValueTextEquals("content"u8);
            reader.Read();
            if (!isText)
            {
                reader.Skip();
                continue;
            }

            if (reader.TokenType != JsonTokenType.String) return null;
            var room = new byte[reader.ValueSpan.Length];
            var length = reader.CopyString(room);
            text = length == room.Length ? room : room[..length];
        }

        // Behind the object the reader takes white space and nothing else.
        return reader.Read() ? null : text;
    }

    static byte[]? ReadDocument(ReadOnlySpan<byte> content)
    {
        var reader = new Utf8JsonReader(content);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
        reader.Skip();
        return reader.Read() ? null : content.ToArray();
    }
}
