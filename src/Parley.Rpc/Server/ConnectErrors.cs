using System.Buffers;
using System.Text.Json;
using Parley.Core;
using Parley.Rpc.Protocol;

namespace Parley.Rpc.Server;

/// <summary>Connect's JSON around faults.</summary>
static class ConnectErrors
{
    public static void JudgeVersion(string version)
    {
        if (version is not ("" or "1")) throw new RpcException(RpcCode.InvalidArgument, "connect-protocol-version is not 1");
    }

    /// <summary><c>{"code","message"}</c>.</summary>
    public static byte[] Write(RpcFault fault) => Write(json => WriteError(json, fault));

    /// <summary><c>{"error":{…},"metadata":{…}}</c>; empty when all went well.</summary>
    public static byte[] WriteEnd(RpcFault? fault) => Write(json =>
    {
        json.WriteStartObject();
        if (fault is not null)
        {
            json.WritePropertyName("error");
            WriteError(json, fault);
            if (fault.Refusal != Refusal.None)
            {
                json.WriteStartObject("metadata");
                json.WriteStartArray(RpcFault.RefusalHeader);
                json.WriteStringValue(fault.Refusal.ToString());
                json.WriteEndArray();
                json.WriteEndObject();
            }
        }

        json.WriteEndObject();
    });

    static void WriteError(Utf8JsonWriter json, RpcFault fault)
    {
        json.WriteStartObject();
        json.WriteString("code", ConnectCodes.NameOf(fault.Code));
        json.WriteString("message", fault.Message);
        json.WriteEndObject();
    }

    static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        write(json);
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
