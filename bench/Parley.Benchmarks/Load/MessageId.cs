using System.Buffers.Text;
using System.Globalization;

namespace Parley.Benchmarks.Load;

/// <summary>
/// Client message ids of 32 hex digits, as SDKs make: <c>mark:8 | salt:8 | index:16</c>. The mark is how an answer is found in a frame without decoding it all, the
/// salt tells runs and pairs apart, the index counts 1, 2, 3 … per sender and run.
/// </summary>
static class MessageId
{
    public const int Length = 32, IndexStart = 16, IndexDigits = Length - IndexStart;

    public static ReadOnlySpan<byte> Mark => "be9c4a11"u8;

    public static string First(uint salt) => $"be9c4a11{salt:x8}{0:x16}";

    public static void WriteIndex(Span<byte> digits, long index)
    {
        for (var i = IndexDigits - 1; i >= 0; i--, index >>= 4) digits[i] = "0123456789abcdef"u8[(int)index & 15];
    }

    public static (uint Salt, long Index) Read(ReadOnlySpan<byte> id)
        => Utf8Parser.TryParse(id[Mark.Length..IndexStart], out uint salt, out var read, 'x') && read == 8
            && long.TryParse(id[IndexStart..Length], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var index)
            ? (salt, index)
            : throw new InvalidDataException("An answer names a message that was not sent.");
}
