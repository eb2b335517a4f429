using System.Buffers;

namespace Parley.Wire.OpenIM;

/// <summary>Envelopes in JSON, as the JavaScript SDK speaks them; <c>data</c> is standard base64.</summary>
/// <remarks>Keys are matched exactly, in any order; unknown ones are ignored, absent or null ones empty. All are written.</remarks>
public static class JsonEnvelope
{
    /// <returns>An envelope that owns its <c>Data</c>.</returns>
    /// <exception cref="MalformedFrameException">Anything but one whole envelope.</exception>
    public static RequestEnvelope ReadRequest(ReadOnlyMemory<byte> frame)
    {
        var fields = new JsonFields(frame.Span);
        int reqIdentifier = 0;
        string? token = null, sendId = null, operationId = null, msgIncr = null;
        ReadOnlyMemory<byte> data = default;
        while (fields.Next())
        {
            if (fields.Is("reqIdentifier"u8)) reqIdentifier = fields.ReadInt32() ?? 0;
            else if (fields.Is("token"u8)) token = fields.ReadText();
            else if (fields.Is("sendID"u8)) sendId = fields.ReadText();
            else if (fields.Is("operationID"u8)) operationId = fields.ReadText();
            else if (fields.Is("msgIncr"u8)) msgIncr = fields.ReadText();
            else if (fields.Is("data"u8)) data = fields.ReadBase64();
            else fields.Skip();
        }
        return new RequestEnvelope(reqIdentifier, token ?? "", sendId ?? "", operationId ?? "", msgIncr ?? "", data);
    }

    /// <returns>An envelope that owns its <c>Data</c>.</returns>
    /// <exception cref="MalformedFrameException">Anything but one whole envelope.</exception>
    public static ResponseEnvelope ReadResponse(ReadOnlyMemory<byte> frame)
    {
        var fields = new JsonFields(frame.Span);
        int reqIdentifier = 0, errCode = 0;
        string? errMsg = null, msgIncr = null, operationId = null;
        ReadOnlyMemory<byte> data = default;
        while (fields.Next())
        {
            if (fields.Is("reqIdentifier"u8)) reqIdentifier = fields.ReadInt32() ?? 0;
            else if (fields.Is("errCode"u8)) errCode = fields.ReadInt32() ?? 0;
            else if (fields.Is("errMsg"u8)) errMsg = fields.ReadText();
            else if (fields.Is("msgIncr"u8)) msgIncr = fields.ReadText();
            else if (fields.Is("operationID"u8)) operationId = fields.ReadText();
            else if (fields.Is("data"u8)) data = fields.ReadBase64();
            else fields.Skip();
        }
        return new ResponseEnvelope(reqIdentifier, errCode, errMsg ?? "", msgIncr ?? "", operationId ?? "", data);
    }

    public static void Write(IBufferWriter<byte> output, in RequestEnvelope request)
    {
        var json = JsonOutput.Begin(output);
        json.WriteStartObject();
        json.WriteNumber("reqIdentifier"u8, request.ReqIdentifier);
        json.WriteString("token"u8, request.Token ?? "");
        json.WriteString("sendID"u8, request.SendId ?? "");
        json.WriteString("operationID"u8, request.OperationId ?? "");
        json.WriteString("msgIncr"u8, request.MsgIncr ?? "");
        json.WriteBase64String("data"u8, request.Data.Span);
        json.WriteEndObject();
        JsonOutput.End(json);
    }

    public static void Write(IBufferWriter<byte> output, in ResponseEnvelope response)
    {
        var json = JsonOutput.Begin(output);
        json.WriteStartObject();
        json.WriteNumber("reqIdentifier"u8, response.ReqIdentifier);
        json.WriteNumber("errCode"u8, response.ErrCode);
        json.WriteString("errMsg"u8, response.ErrMsg ?? "");
        json.WriteString("msgIncr"u8, response.MsgIncr ?? "");
        json.WriteString("operationID"u8, response.OperationId ?? "");
        json.WriteBase64String("data"u8, response.Data.Span);
        json.WriteEndObject();
        JsonOutput.End(json);
    }
}
