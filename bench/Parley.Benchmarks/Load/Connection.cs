using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Parley.Benchmarks.Load;

/// <summary>
/// A WebSocket client (RFC 6455) with nothing between frame and socket: the load generator shares the processor with the server, so what it costs would be
/// missing there. Frames are written whole, several per send; the server's must not be fragmented. One thread, non-blocking once open.
/// </summary>
sealed class Connection : IDisposable
{
    const int Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10;
    const int FinalBit = 0x80, MaskBit = 0x80;
    const int MaskBytes = 4;

    static readonly byte[] Mask = [0x5a, 0xc3, 0x71, 0x1e];

    readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    byte[] _input;
    byte[] _output;
    int _start, _end, _outEnd;

    Connection(int bufferBytes) => (_input, _output) = (new byte[bufferBytes], new byte[bufferBytes]);

    public int Descriptor => (int)_socket.Handle;

    /// <param name="expectsAnswer">Whether the server's first frame is text with the result of the handshake.</param>
    public static Connection Open(Uri address, string pathAndQuery, bool expectsAnswer, int bufferBytes = 64 << 10)
    {
        var connection = new Connection(bufferBytes);
        connection._socket.Connect(new IPEndPoint(IPAddress.Loopback, address.Port));
        connection.ShakeHands(address, pathAndQuery);
        if (expectsAnswer) connection.CheckAnswer();
        connection._socket.Blocking = false;
        return connection;
    }

    /// <summary>Room in the output for a masked binary frame of this payload; the caller fills it and calls <see cref="Seal"/>.</summary>
    public Span<byte> Reserve(int payloadBytes) => Reserve(Binary, payloadBytes);

    /// <summary>Masks the payload that <see cref="Reserve(int)"/> gave; the frame leaves with the next <see cref="Flush"/>.</summary>
    public static void Seal(Span<byte> payload)
    {
        ulong mask = BinaryPrimitives.ReadUInt32LittleEndian(Mask);
        mask |= mask << 32;
        var rest = payload;
        for (; rest.Length >= sizeof(ulong); rest = rest[sizeof(ulong)..])
            BinaryPrimitives.WriteUInt64LittleEndian(rest, BinaryPrimitives.ReadUInt64LittleEndian(rest) ^ mask);
        for (var i = 0; i < rest.Length; i++) rest[i] ^= Mask[i & 3];
    }

    /// <summary>Sends what was written, in one call.</summary>
    public void Flush()
    {
        if (_outEnd == 0) return;
        var sent = _socket.Send(_output.AsSpan(0, _outEnd), SocketFlags.None, out var error);
        if (error != SocketError.Success || sent < _outEnd) throw new IOException($"The socket took {sent} of {_outEnd} bytes ({error}): the server stopped reading.");
        _outEnd = 0;
    }

    /// <summary>Receives once what is there.</summary>
    /// <returns>Whether anything came.</returns>
    public bool Receive()
    {
        if (_start == _end) (_start, _end) = (0, 0);
        if (_end == _input.Length) MakeRoom();
        var count = _socket.Receive(_input.AsSpan(_end), SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock) return false;
        if (error != SocketError.Success || count == 0) throw new IOException($"The server hung up ({error}).");
        _end += count;
        return true;
    }

    /// <summary>The payload of the next whole data frame; borrowed until the next call. Pings are answered on the way.</summary>
    public bool TryTake(out ReadOnlySpan<byte> payload)
    {
        while (TryTake(out var opcode, out payload))
        {
            if (opcode is Text or Binary) return true;
            if (opcode == Close) throw new IOException($"The server closed with {(payload.Length < 2 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(payload))}.");
            if (opcode == Ping) Answer(payload);
        }

        return false;
    }

    public void Dispose() => _socket.Dispose();

    bool TryTake(out int opcode, out ReadOnlySpan<byte> payload)
    {
        opcode = 0;
        payload = default;
        var rest = _input.AsSpan(_start, _end - _start);
        if (rest.Length < 2) return false;
        int header = 2, length = rest[1];
        if (length == 126)
        {
            if (rest.Length < 4) return false;
            (header, length) = (4, BinaryPrimitives.ReadUInt16BigEndian(rest[2..]));
        }
        else if (length == 127)
        {
            if (rest.Length < 10) return false;
            (header, length) = (10, checked((int)BinaryPrimitives.ReadInt64BigEndian(rest[2..])));
        }

        if (rest.Length < header + length) return false;
        opcode = rest[0] & ~FinalBit;
        if (rest[0] == opcode) throw new IOException("The server sent a frame in fragments.");
        payload = rest.Slice(header, length);
        _start += header + length;
        return true;
    }

    void Answer(ReadOnlySpan<byte> ping)
    {
        var pong = Reserve(Pong, ping.Length);
        ping.CopyTo(pong);
        Seal(pong);
    }

    Span<byte> Reserve(int opcode, int payloadBytes)
    {
        var header = payloadBytes < 126 ? 2 : 4;
        var total = header + MaskBytes + payloadBytes;
        if (_outEnd + total > _output.Length) Array.Resize(ref _output, Math.Max(_output.Length * 2, _outEnd + total));
        var frame = _output.AsSpan(_outEnd, total);
        frame[0] = (byte)(FinalBit | opcode);
        frame[1] = (byte)(MaskBit | (header == 2 ? payloadBytes : 126));
        if (header == 4) BinaryPrimitives.WriteUInt16BigEndian(frame[2..], checked((ushort)payloadBytes));
        Mask.CopyTo(frame[header..]);
        _outEnd += total;
        return frame[(header + MaskBytes)..];
    }

    void MakeRoom()
    {
        if (_start == 0) Array.Resize(ref _input, _input.Length * 2);
        else
        {
            _input.AsSpan(_start, _end - _start).CopyTo(_input);
            (_start, _end) = (0, _end - _start);
        }
    }

    void ShakeHands(Uri address, string pathAndQuery)
    {
        var request = $"GET {pathAndQuery} HTTP/1.1\r\nHost: {address.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {Convert.ToBase64String(Guid.NewGuid().ToByteArray())}\r\n\r\n";
        _socket.Send(Encoding.ASCII.GetBytes(request));
        int end;
        while ((end = _input.AsSpan(0, _end).IndexOf("\r\n\r\n"u8)) < 0) Receive();
        var answer = Encoding.ASCII.GetString(_input.AsSpan(0, end));
        if (!answer.StartsWith("HTTP/1.1 101", StringComparison.Ordinal)) throw new IOException($"No upgrade: {Encoding.UTF8.GetString(_input.AsSpan(0, _end))}");
        _start = end + 4;
    }

    void CheckAnswer()
    {
        ReadOnlySpan<byte> payload;
        while (!TryTake(out payload)) Receive();
        if (payload.IndexOf("\"errCode\":0"u8) < 0) throw new IOException($"The handshake was refused: {Encoding.UTF8.GetString(payload)}");
    }
}
