using System.Buffers;

namespace Parley.Rpc.Tests.Protocol;

/// <summary>Bytes in pieces of a size, as the network may hand them over.</summary>
sealed class Pieces : ReadOnlySequenceSegment<byte>
{
    public static ReadOnlySequence<byte> Of(byte[] bytes, int size)
    {
        var first = new Pieces { Memory = bytes.AsMemory(0, Math.Min(size, bytes.Length)) };
        var last = first;
        for (var at = size; at < bytes.Length; at += size)
        {
            var piece = new Pieces { Memory = bytes.AsMemory(at, Math.Min(size, bytes.Length - at)), RunningIndex = at };
            last.Next = piece;
            last = piece;
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }
}
