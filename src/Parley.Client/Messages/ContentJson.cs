using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Parley.Client.Messages;

/// <summary>The JSON of a message's content, as bytes.</summary>
static class ContentJson
{
    // The content travels as bytes and is never put into HTML by us: escaping every non-ASCII letter would only triple it.
    static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(JsonObject content)
    {
        var output = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(output, Relaxed)) content.WriteTo(writer);
        return output.WrittenSpan.ToArray();
    }

    /// <returns>Null when it is no JSON object: content comes from other users' programs.</returns>
    public static JsonObject? Read(string content)
    {
        try { return JsonNode.Parse(content) as JsonObject; }
        // Of two equal keys the object complains with the latter.
        catch (Exception e) when (e is JsonException or ArgumentException) { return null; }
    }

    /// <returns>Null when it is no such JSON.</returns>
    public static string? Text(string content, string key)
    {
        try
        {
            using var document = JsonDocument.Parse(content);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty(key, out var text)
                && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
        }
        // A lone surrogate in an escape is valid JSON and no string: InvalidOperationException.
        catch (Exception e) when (e is JsonException or InvalidOperationException) { return null; }
    }

    /// <summary>The object that stands as a string of JSON under <paramref name="key"/>; undefined when there is none.</summary>
    public static JsonElement Inner(string content, string key)
    {
        if (Text(content, key) is not { } inner) return default;
        try
        {
            using var document = JsonDocument.Parse(inner);
            return document.RootElement.Clone();
        }
        catch (JsonException) { return default; }
    }
}
