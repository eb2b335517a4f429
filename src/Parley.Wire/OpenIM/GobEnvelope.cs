using System.Buffers;
using System.Text;

namespace Parley.Wire.OpenIM;

/// <summary>Envelopes in Go's gob: each frame is a stream of its own, the struct's definition and then its value.</summary>
/// <remarks>
/// Members are matched by name; the struct's name, its id and the order of the members are the sender's business, unknown members are
/// skipped. A member that is zero or empty is left out and comes back as such. See the README beside this file for the bytes.
/// </remarks>
public static class GobEnvelope
{
    static readonly GobShape Request = new("GeneralWsReq",
        ("ReqIdentifier", GobType.Int), ("Token", GobType.Text), ("SendID", GobType.Text),
        ("OperationID", GobType.Text), ("MsgIncr", GobType.Text), ("Data", GobType.Bytes));

    static readonly GobShape Response = new("Resp",
        ("ReqIdentifier", GobType.Int), ("ErrCode", GobType.Int), ("ErrMsg", GobType.Text),
        ("MsgIncr", GobType.Text), ("OperationID", GobType.Text), ("Data", GobType.Bytes));

    /// <returns>An envelope whose <c>Data</c> borrows from <paramref name="frame"/>.</returns>
    /// <exception cref="MalformedFrameException">Anything but one whole envelope.</exception>
    public static RequestEnvelope ReadRequest(ReadOnlyMemory<byte> frame)
    {
        var value = new GobValue(frame.Span, Request, stackalloc GobValue.Member[GobValue.MaxMembers]);
        int reqIdentifier = 0;
        string token = "", sendId = "", operationId = "", msgIncr = "";
        (int At, int Length) data = default;
        while (value.Next(out int member))
        {
            switch (member)
            {
                case 0: reqIdentifier = value.ReadInt32(); break;
                case 1: token = value.ReadText(); break;
                case 2: sendId = value.ReadText(); break;
                case 3: operationId = value.ReadText(); break;
                case 4: msgIncr = value.ReadText(); break;
                default: data = value.ReadBytes(); break;
            }
        }
        return new RequestEnvelope(reqIdentifier, token, sendId, operationId, msgIncr, frame.Slice(data.At, data.Length));
    }

    /// <returns>An envelope whose <c>Data</c> borrows from <paramref name="frame"/>.</returns>
    /// <exception cref="MalformedFrameException">Anything but one whole envelope.</exception>
    public static ResponseEnvelope ReadResponse(ReadOnlyMemory<byte> frame)
    {
        var value = new GobValue(frame.Span, Response, stackalloc GobValue.Member[GobValue.MaxMembers]);
        int reqIdentifier = 0, errCode = 0;
        string errMsg = "", msgIncr = "", operationId = "";
        (int At, int Length) data = default;
        while (value.Next(out int member))
        {
            switch (member)
            {
                case 0: reqIdentifier = value.ReadInt32(); break;
                case 1: errCode = value.ReadInt32(); break;
                case 2: errMsg = value.ReadText(); break;
                case 3: msgIncr = value.ReadText(); break;
                case 4: operationId = value.ReadText(); break;
                default: data = value.ReadBytes(); break;
            }
        }
        return new ResponseEnvelope(reqIdentifier, errCode, errMsg, msgIncr, operationId, frame.Slice(data.At, data.Length));
    }

    public static void Write(IBufferWriter<byte> output, in RequestEnvelope request)
    {
        int token = SizeOf(request.Token), sendId = SizeOf(request.SendId);
        int operationId = SizeOf(request.OperationId), msgIncr = SizeOf(request.MsgIncr);
        int members = GobWriter.SizeOfMember(request.ReqIdentifier) + GobWriter.SizeOfMemberOf(token) + GobWriter.SizeOfMemberOf(sendId)
            + GobWriter.SizeOfMemberOf(operationId) + GobWriter.SizeOfMemberOf(msgIncr) + GobWriter.SizeOfMemberOf(request.Data.Length);

        var writer = Begin(output, Request, members);
        writer.WriteMember(request.ReqIdentifier);
        writer.WriteMember(request.Token, token);
        writer.WriteMember(request.SendId, sendId);
        writer.WriteMember(request.OperationId, operationId);
        writer.WriteMember(request.MsgIncr, msgIncr);
        writer.WriteMember(request.Data.Span);
        writer.WriteEnd();
        output.Advance(writer.Written);
    }

    public static void Write(IBufferWriter<byte> output, in ResponseEnvelope response)
    {
        int errMsg = SizeOf(response.ErrMsg), msgIncr = SizeOf(response.MsgIncr), operationId = SizeOf(response.OperationId);
        int members = GobWriter.SizeOfMember(response.ReqIdentifier) + GobWriter.SizeOfMember(response.ErrCode)
            + GobWriter.SizeOfMemberOf(errMsg) + GobWriter.SizeOfMemberOf(msgIncr)
            + GobWriter.SizeOfMemberOf(operationId) + GobWriter.SizeOfMemberOf(response.Data.Length);

        var writer = Begin(output, Response, members);
        writer.WriteMember(response.ReqIdentifier);
        writer.WriteMember(response.ErrCode);
        writer.WriteMember(response.ErrMsg, errMsg);
        writer.WriteMember(response.MsgIncr, msgIncr);
        writer.WriteMember(response.OperationId, operationId);
        writer.WriteMember(response.Data.Span);
        writer.WriteEnd();
        output.Advance(writer.Written);
    }

    static GobWriter Begin(IBufferWriter<byte> output, GobShape shape, int members)
    {
        const int TypeIdBytes = 2, EndBytes = 1;
        int content = TypeIdBytes + members + EndBytes;
        var writer = new GobWriter(output.GetSpan(shape.Definition.Length + GobWriter.SizeOfUint((uint)content) + content));
        writer.Append(shape.Definition);
        writer.WriteUint((uint)content);
        writer.WriteInt(GobShape.TypeId);
        return writer;
    }

    static int SizeOf(string? text) => text is null ? 0 : Encoding.UTF8.GetByteCount(text);
}
