namespace Parley.Wire.OpenIM;

/// <summary>What a client sends: one request, in gob (<see cref="GobEnvelope"/>) or JSON (<see cref="JsonEnvelope"/>).</summary>
/// <param name="ReqIdentifier">One of <see cref="Requests"/>; any number may come.</param>
/// <param name="Token">Left empty by the known clients: the handshake carried it.</param>
/// <param name="SendId">Must equal the user of the connection; the reader of the envelope checks.</param>
/// <param name="OperationId">Free text for traces.</param>
/// <param name="MsgIncr">The client's correlation id, echoed verbatim in the answer.</param>
/// <param name="Data">Protobuf of the request. May borrow from the frame it was read from.</param>
public readonly record struct RequestEnvelope(
    int ReqIdentifier, string Token, string SendId, string OperationId, string MsgIncr, ReadOnlyMemory<byte> Data);
