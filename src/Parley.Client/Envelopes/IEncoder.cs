using System.Buffers;
using Parley.Wire.OpenIM;

namespace Parley.Client.Envelopes;

/// <summary>How an envelope becomes bytes.</summary>
interface IEncoder
{
    /// <summary>The <c>sdkType</c> that announces it to the server; null says nothing.</summary>
    string? SdkType { get; }

    void Write(IBufferWriter<byte> output, in RequestEnvelope request);

    /// <returns>Its data borrows from <paramref name="frame"/>.</returns>
    /// <exception cref="Parley.Wire.MalformedFrameException"/>
    ResponseEnvelope Read(ReadOnlyMemory<byte> frame);
}

sealed class GobEncoder : IEncoder
{
    public string? SdkType => null;
    public void Write(IBufferWriter<byte> output, in RequestEnvelope request) => GobEnvelope.Write(output, request);
    public ResponseEnvelope Read(ReadOnlyMemory<byte> frame) => GobEnvelope.ReadResponse(frame);
}

sealed class JsonEncoder : IEncoder
{
    public string? SdkType => "js";
    public void Write(IBufferWriter<byte> output, in RequestEnvelope request) => JsonEnvelope.Write(output, request);
    public ResponseEnvelope Read(ReadOnlyMemory<byte> frame) => JsonEnvelope.ReadResponse(frame);
}
