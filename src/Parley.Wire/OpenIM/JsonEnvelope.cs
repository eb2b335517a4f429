using System.Buffers;

namespace Parley.Wire.OpenIM;

public static class JsonEnvelope
{
    public static RequestEnvelope ReadRequest(ReadOnlyMemory<byte> frame) => throw new NotImplementedException();
    public static ResponseEnvelope ReadResponse(ReadOnlyMemory<byte> frame) => throw new NotImplementedException();
    public static void Write(IBufferWriter<byte> output, in RequestEnvelope request) => throw new NotImplementedException();
    public static void Write(IBufferWriter<byte> output, in ResponseEnvelope response) => throw new NotImplementedException();
}
