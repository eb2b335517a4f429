namespace Parley.Wire.OpenIM;

/// <summary>What a server sends: an answer or a push, in gob (<see cref="GobEnvelope"/>) or JSON (<see cref="JsonEnvelope"/>).</summary>
/// <param name="ReqIdentifier">That of the request, or one that pushes.</param>
/// <param name="ErrCode">0, or one of <see cref="ErrorCodes"/>.</param>
/// <param name="MsgIncr">That of the request; empty in a push.</param>
/// <param name="Data">Protobuf of the answer; may be empty. May borrow from the frame it was read from.</param>
public readonly record struct ResponseEnvelope(
    int ReqIdentifier, int ErrCode, string ErrMsg, string MsgIncr, string OperationId, ReadOnlyMemory<byte> Data);
