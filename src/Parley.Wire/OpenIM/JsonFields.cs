using System.Text.Json;

namespace Parley.Wire.OpenIM;

/// <summary>Walks the fields of one flat JSON object, the only thing in its frame. Null reads as absent.</summary>
ref struct JsonFields(ReadOnlySpan<byte> frame)
{
    Utf8JsonReader _reader = new(frame);

    /// <summary>Goes to the next field; its value must then be read or skipped.</summary>
    /// <returns>False at the end of the object, which is also the end of the frame.</returns>
    public bool Next()
    {
        if (_reader.TokenType == JsonTokenType.None)
        {
            Read();
            if (_reader.TokenType != JsonTokenType.StartObject) throw Unexpected("an object");
        }
        Read();
        if (_reader.TokenType == JsonTokenType.PropertyName) return true;
        // Behind the object the reader takes white space and nothing else.
        if (Read()) throw Unexpected("the end of the frame");
        return false;
    }

    public readonly bool Is(ReadOnlySpan<byte> name)
    {
        try { return _reader.ValueTextEquals(name); }
        catch (InvalidOperationException e) { throw Malformed(e); }
    }

    public int? ReadInt32()
    {
        Read();
        if (_reader.TokenType == JsonTokenType.Null) return null;
        if (_reader.TokenType == JsonTokenType.Number && _reader.TryGetInt32(out int value)) return value;
        throw Unexpected("an integer of 32 bits");
    }

    public string? ReadText()
    {
        Read();
        if (_reader.TokenType == JsonTokenType.Null) return null;
        if (_reader.TokenType != JsonTokenType.String) throw Unexpected("a string");
        // Half a surrogate pair and bytes that are not UTF-8 come to light only here.
        try { return _reader.GetString(); }
        catch (InvalidOperationException e) { throw Malformed(e); }
    }

    public byte[] ReadBase64()
    {
        Read();
        if (_reader.TokenType == JsonTokenType.Null) return [];
        if (_reader.TokenType != JsonTokenType.String) throw Unexpected("a string of base64");
        try { return _reader.TryGetBytesFromBase64(out var value) ? value : throw Unexpected("a string of base64"); }
        catch (InvalidOperationException e) { throw Malformed(e); }
    }

    public void Skip()
    {
        try { _reader.Skip(); }
        catch (JsonException e) { throw Malformed(e); }
    }

    bool Read()
    {
        try { return _reader.Read(); }
        catch (JsonException e) { throw Malformed(e); }
    }

    readonly MalformedFrameException Unexpected(string allowed) => new("JSON", _reader.TokenStartIndex, $"{_reader.TokenType}", allowed);

    // The exception's own text may quote the frame, so only its kind is told.
    readonly MalformedFrameException Malformed(Exception inner)
        => new("JSON", _reader.BytesConsumed, inner is JsonException ? "a syntax error" : "text that is not Unicode",
            "JSON in UTF-8", inner);
}
