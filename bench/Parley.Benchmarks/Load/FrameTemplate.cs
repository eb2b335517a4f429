using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Benchmarks.Load;

/// <summary>
/// A send request encoded once, in which only the message's index changes: sending is then a copy, a patch and, for gzip, a checksum. Gzip frames are
/// deflated in three blocks, so that the index can stand in a stored one of its own between two compressed ones.
/// </summary>
sealed class FrameTemplate
{
    const int Text = 101, SingleChat = 1, GroupChat = 3, FromUser = 100, StatusSending = 1;
    const int GzipHeaderBytes = 10, StoredHeaderBytes = 5, GzipTrailerBytes = 8;

    readonly byte[] _payload;
    readonly int _patchStart;
    readonly int _patchBytes;

    // JSON: base64 is patched in whole groups of three bytes, of which the index is a part.
    readonly byte[]? _group;
    readonly int _indexInGroup;

    readonly bool _isGzip;
    readonly uint _crcBefore;
    readonly byte[] _after = [];

    /// <param name="receiver">A user, or a group.</param>
    public FrameTemplate(Envelope envelope, string sender, string receiver, uint salt, string body, bool isGroup = false)
    {
        var message = MessageOf(sender, receiver, salt, body, isGroup).ToByteArray();
        var index = message.AsSpan().IndexOf(MessageId.Mark) + MessageId.IndexStart;
        var request = new RequestEnvelope(Requests.SendMessage, "", sender, "3d4c1d2e-6c1c-4d5e-8a0e-5b7c9a1f2e30", $"{sender}_1700000000000000000", message);
        var output = new ArrayBufferWriter<byte>();
        if (envelope.IsJson) JsonEnvelope.Write(output, request);
        else GobEnvelope.Write(output, request);
        var plain = output.WrittenSpan.ToArray();

        if (envelope.IsJson)
        {
            var start = index / 3 * 3;
            var end = (index + MessageId.IndexDigits + 2) / 3 * 3;
            (_group, _indexInGroup) = (message[start..end], index - start);
            (_patchStart, _patchBytes) = (plain.AsSpan().IndexOf("\"data\":\""u8) + 8 + (start / 3 * 4), (end - start) / 3 * 4);
        }
        else (_patchStart, _patchBytes) = (plain.AsSpan().IndexOf(MessageId.Mark) + MessageId.IndexStart, MessageId.IndexDigits);

        PlainBytes = plain.Length;
        _payload = plain;
        if (!envelope.IsGzip) return;
        _isGzip = true;
        _crcBefore = GzipChecksum.Append(GzipChecksum.Start, plain.AsSpan(0, _patchStart));
        _after = plain[(_patchStart + _patchBytes)..];
        (_payload, _patchStart) = Member(plain, _patchStart, _patchBytes);
    }

    /// <summary>Bytes of the frame before compression.</summary>
    public int PlainBytes { get; }

    /// <summary>Writes the frame with this index into the connection's output.</summary>
    public void Write(Connection connection, long index)
    {
        var frame = connection.Reserve(_payload.Length);
        _payload.CopyTo(frame);
        var patch = frame.Slice(_patchStart, _patchBytes);
        if (_group is null) MessageId.WriteIndex(patch, index);
        else
        {
            MessageId.WriteIndex(_group.AsSpan(_indexInGroup), index);
            Base64.EncodeToUtf8(_group, patch, out _, out _);
        }

        if (_isGzip)
        {
            var crc = GzipChecksum.Append(GzipChecksum.Append(_crcBefore, patch), _after);
            BinaryPrimitives.WriteUInt32LittleEndian(frame[^GzipTrailerBytes..], GzipChecksum.End(crc));
        }

        Connection.Seal(frame);
    }

    static MsgData MessageOf(string sender, string receiver, uint salt, string body, bool isGroup) => new()
    {
        SendID = sender,
        RecvID = isGroup ? "" : receiver,
        GroupID = isGroup ? receiver : "",
        ClientMsgID = MessageId.First(salt),
        SenderPlatformID = 1,
        SenderNickname = sender,
        SessionType = isGroup ? GroupChat : SingleChat,
        MsgFrom = FromUser,
        ContentType = Text,
        Content = ByteString.CopyFrom(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new { content = body }))),
        CreateTime = 1_700_000_000_000,
        Status = StatusSending,
        AttachedInfo = "null",
    };

    static (byte[] Member, int PatchStart) Member(byte[] plain, int patchStart, int patchBytes)
    {
        var before = Deflate(plain.AsSpan(0, patchStart), isLast: false);
        var after = Deflate(plain.AsSpan(patchStart + patchBytes), isLast: true);
        var start = GzipHeaderBytes + before.Length + StoredHeaderBytes;
        var member = new byte[start + patchBytes + after.Length + GzipTrailerBytes];
        ReadOnlySpan<byte> header = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
        header.CopyTo(member);
        before.CopyTo(member, GzipHeaderBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(member.AsSpan(start - 4), (ushort)patchBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(member.AsSpan(start - 2), (ushort)~patchBytes);
        after.CopyTo(member, start + patchBytes);
        BinaryPrimitives.WriteInt32LittleEndian(member.AsSpan(member.Length - 4), plain.Length);
        return (member, start);
    }

    static byte[] Deflate(ReadOnlySpan<byte> bytes, bool isLast)
    {
        using var result = new MemoryStream();
        using (var deflate = new DeflateStream(result, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(bytes);
            // A flush ends at a whole byte and leaves the stream open for the next block.
            if (!isLast)
            {
                deflate.Flush();
                return result.ToArray();
            }
        }

        return result.ToArray();
    }
}

/// <summary>The CRC-32 of gzip, carried on from one part to the next.</summary>
static class GzipChecksum
{
    public const uint Start = uint.MaxValue;

    static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(i => Enumerable.Range(0, 8).Aggregate((uint)i, (crc, _) => (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320))];

    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        var table = Table;
        foreach (var b in bytes) crc = (crc >> 8) ^ table[(byte)(crc ^ b)];
        return crc;
    }

    public static uint End(uint crc) => ~crc;
}
