using Parley.Core;
using Parley.Wire.OpenIM;

namespace Parley.Edges.OpenIM.Rest;

/// <summary>What a REST call is answered.</summary>
/// <param name="Data">An object, or a protobuf message, in the protocol's keys; null for none.</param>
readonly record struct RestAnswer(int Code, string Text, object? Data)
{
    public static readonly RestAnswer Done = new(ErrorCodes.None, "", null);

    public static RestAnswer Of(object data) => new(ErrorCodes.None, "", data);

    public static RestAnswer Of(Refusal refusal)
    {
        var (code, text) = Refusals.Of(refusal);
        return new RestAnswer(code, text, null);
    }

    public static RestAnswer Error(int code, string text) => new(code, text, null);
}
