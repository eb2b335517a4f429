using System.Buffers;
using Parley.Wire.OpenIM;

namespace Parley.Client.Envelopes;

/// <summary>What happens to an encoded envelope on its way to the socket and back.</summary>
interface ICompressor
{
    /// <summary>The <c>compression</c> that announces it to the server; null says nothing.</summary>
    string? Name { get; }

    void Compress(ReadOnlySpan<byte> envelope, IBufferWriter<byte> output);

    /// <returns>May borrow from <paramref name="frame"/>.</returns>
    /// <exception cref="Parley.Wire.MalformedFrameException">Not compressed this way, or more than <paramref name="maxBytes"/>.</exception>
    ReadOnlyMemory<byte> Decompress(ReadOnlyMemory<byte> frame, int maxBytes);
}

sealed class GzipCompressor : ICompressor
{
    public string? Name => "gzip";
    public void Compress(ReadOnlySpan<byte> envelope, IBufferWriter<byte> output) => GzipFrame.Compress(envelope, output);
    public ReadOnlyMemory<byte> Decompress(ReadOnlyMemory<byte> frame, int maxBytes) => GzipFrame.Decompress(frame, maxBytes);
}

sealed class NoCompressor : ICompressor
{
    public string? Name => null;
    public void Compress(ReadOnlySpan<byte> envelope, IBufferWriter<byte> output) => output.Write(envelope);
    public ReadOnlyMemory<byte> Decompress(ReadOnlyMemory<byte> frame, int maxBytes) => frame;
}
