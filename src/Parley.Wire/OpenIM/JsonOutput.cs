using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Parley.Wire.OpenIM;

/// <summary>One JSON writer per thread, so that an envelope costs no object.</summary>
static class JsonOutput
{
    // Frames are read by JSON parsers, never pasted into HTML: escaping what only HTML minds would triple the bytes of a Chinese text.
    static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    // Never written to: it only takes the place of a connection's buffer, which the thread would else keep alive.
    static readonly ArrayBufferWriter<byte> Nowhere = new();

    [ThreadStatic]
    static Utf8JsonWriter? _writer;

    public static Utf8JsonWriter Begin(IBufferWriter<byte> output)
    {
        if (_writer is not { } writer) return _writer = new Utf8JsonWriter(output, Options);
        writer.Reset(output);
        return writer;
    }

    public static void End(Utf8JsonWriter writer)
    {
        writer.Flush();
        writer.Reset(Nowhere);
    }
}
