using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Parley.Benchmarks.Server;

/// <summary>The diagnostics port that every .NET process opens, as far as it is needed here.</summary>
static class Diagnostics
{
    const string Provider = "Microsoft-Windows-DotNETRuntime";
    const ulong HeapCollectKeyword = 0x800000;
    const int Informational = 4, NetTraceFormat = 1, BufferMegabytes = 1;
    const byte EventPipeCommands = 2, CollectTracing = 2;
    const int HeaderBytes = 20;

    /// <summary>Makes a process do a full collection: opening an event session with the runtime's heap-collect keyword induces one. Returns when the session has begun.</summary>
    public static void CollectGarbage(int process)
    {
        var path = Directory.GetFiles(Path.GetTempPath(), $"dotnet-diagnostic-{process}-*-socket").Single();
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        socket.Send(Request());
        var answer = new byte[HeaderBytes];
        for (var read = 0; read < answer.Length;)
        {
            var count = socket.Receive(answer.AsSpan(read));
            if (count == 0) throw new IOException("The diagnostics port hung up.");
            read += count;
        }

        // Closing the socket ends the session.
    }

    static byte[] Request()
    {
        using var message = new MemoryStream();
        using (var writer = new BinaryWriter(message, Encoding.Unicode))
        {
            writer.Write("DOTNET_IPC_V1\0"u8);
            writer.Write((ushort)0);
            writer.Write(EventPipeCommands);
            writer.Write(CollectTracing);
            writer.Write((ushort)0);
            writer.Write(BufferMegabytes);
            writer.Write(NetTraceFormat);
            writer.Write(1);
            writer.Write(HeapCollectKeyword);
            writer.Write(Informational);
            writer.Write(Provider.Length + 1);
            writer.Write((Provider + "\0").ToCharArray());
            writer.Write(0);
        }

        var bytes = message.ToArray();
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(14), (ushort)bytes.Length);
        return bytes;
    }
}
