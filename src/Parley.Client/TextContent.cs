using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Parley.Client;

/// <summary>The JSON of a text message: <c>{"content":"…"}</c>.</summary>
static class TextContent
{
    public const int ContentType = 101;

    // The content travels as bytes and is never put into HTML by us: escaping every non-ASCII letter would only triple it.
    static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(string text)
    {
        var output = new ArrayBufferWriter<byte>(text.Length + 16);
        using var writer = new Utf8JsonWriter(output, Relaxed);
        writer.WriteStartObject();
        writer.WriteString("content", text);
        writer.WriteEndObject();
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    /// <returns>Null when it is not such JSON: the content comes from another user's program.</returns>
    public static string? Read(string content)
    {
        try
        {
            using var document = JsonDocument.Parse(content);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("content", out var text)
                && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
        }
        // A lone surrogate in an escape is valid JSON and no string: InvalidOperationException.
        catch (Exception e) when (e is JsonException or InvalidOperationException) { return null; }
    }
}
