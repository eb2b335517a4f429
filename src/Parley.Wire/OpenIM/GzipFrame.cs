using System.Buffers;

namespace Parley.Wire.OpenIM;

public static class GzipFrame
{
    public static void Compress(ReadOnlySpan<byte> frame, IBufferWriter<byte> output) => throw new NotImplementedException();
    public static ReadOnlyMemory<byte> Decompress(ReadOnlyMemory<byte> frame, int maxBytes) => throw new NotImplementedException();
}
