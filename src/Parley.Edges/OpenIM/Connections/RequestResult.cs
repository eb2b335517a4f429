using Google.Protobuf;
using Parley.Core;
using Parley.Wire.OpenIM;

namespace Parley.Edges.OpenIM.Connections;

/// <summary>What became of a request: protobuf, or a code and why.</summary>
readonly record struct RequestResult(int Code, string Text, ReadOnlyMemory<byte> Data)
{
    public static readonly RequestResult Empty = new(ErrorCodes.None, "", default);

    public static RequestResult Of(IMessage data) => new(ErrorCodes.None, "", data.ToByteArray());

    public static RequestResult Of(Refusal refusal)
    {
        var (code, text) = Refusals.Of(refusal);
        return new RequestResult(code, text, default);
    }

    public static RequestResult Error(int code, string text) => new(code, text, default);
}
