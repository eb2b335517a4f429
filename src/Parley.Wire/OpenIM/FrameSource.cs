namespace Parley.Wire.OpenIM;

/// <summary>Hands a body to an inflater so that it shows whether the compressed data end exactly where the body does.</summary>
/// <remarks>
/// The inflater asks for more only while its data have not ended. So the last byte is handed out alone: never asked for means that the
/// data ended before it, asked beyond it means that they did not end at all. .NET's own streams report neither.
/// </remarks>
sealed class FrameSource(ReadOnlyMemory<byte> body) : Stream
{
    int _at;

    public bool AskedBeyond { get; private set; }

    public bool HandedOutAll => _at == body.Length;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        if (HandedOutAll) AskedBeyond = true;
        int end = _at < body.Length - 1 ? body.Length - 1 : body.Length;
        int count = Math.Min(buffer.Length, end - _at);
        body.Span.Slice(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
