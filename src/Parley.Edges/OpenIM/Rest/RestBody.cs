namespace Parley.Edges.OpenIM.Rest;

/// <summary>The whole body of a call.</summary>
readonly record struct RestBody(ReadOnlyMemory<byte> Bytes, bool IsProtobuf);
