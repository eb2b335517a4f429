using System.Buffers;

namespace Parley.Wire.Tests;

/// <summary>Byte vectors as they are printed in descriptions: hex digits, blanks ignored, <c>"text"</c> as its own bytes.</summary>
static class Hex
{
    public static byte[] Bytes(string vector)
    {
        var bytes = new List<byte>();
        for (int i = 0; i < vector.Length;)
        {
            if (char.IsWhiteSpace(vector[i])) i++;
            else if (vector[i] == '"')
            {
                int end = vector.IndexOf('"', i + 1);
                bytes.AddRange(System.Text.Encoding.UTF8.GetBytes(vector[(i + 1)..end]));
                i = end + 1;
            }
            else
            {
                bytes.Add(Convert.FromHexString(vector.AsSpan(i, 2))[0]);
                i += 2;
            }
        }
        return [.. bytes];
    }

    /// <summary>What <paramref name="write"/> puts into a buffer whose memory was used before.</summary>
    public static byte[] Written(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        output.GetSpan(4096).Fill(0xee);
        write(output);
        return output.WrittenSpan.ToArray();
    }
}
