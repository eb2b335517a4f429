using System.Numerics;
using System.Text;

namespace Parley.Wire.OpenIM;

/// <summary>Writes gob's primitives, and a struct's members in order: <c>step | value</c> if not zero, at last <c>00</c>.</summary>
/// <remarks>The caller has measured: <paramref name="span"/> is large enough.</remarks>
ref struct GobWriter(Span<byte> span)
{
    readonly Span<byte> _span = span;
    int _delta;

    public int Written { get; private set; }

    public static int SizeOfUint(ulong value)
        => value < 128 ? 1 : 1 + (71 - BitOperations.LeadingZeroCount(value)) / 8;

    public static int SizeOfMember(int value) => value == 0 ? 0 : 1 + SizeOfUint(Fold(value));

    /// <param name="length">Of a text or of bytes, in bytes.</param>
    public static int SizeOfMemberOf(int length) => length == 0 ? 0 : 1 + SizeOfUint((uint)length) + length;

    public void WriteUint(ulong value)
    {
        if (value < 128)
        {
            _span[Written++] = (byte)value;
            return;
        }
        int count = SizeOfUint(value) - 1;
        _span[Written++] = (byte)(256 - count);
        for (int shift = (count - 1) * 8; shift >= 0; shift -= 8) _span[Written++] = (byte)(value >> shift);
    }

    public void WriteInt(int value) => WriteUint(Fold(value));

    public void WriteMember(int value)
    {
        if (!Advance(value != 0)) return;
        WriteInt(value);
    }

    /// <param name="length">The text's length in UTF-8.</param>
    public void WriteMember(string? value, int length)
    {
        if (!Advance(length != 0)) return;
        WriteUint((uint)length);
        Written += Encoding.UTF8.GetBytes(value, _span[Written..]);
    }

    public void WriteMember(ReadOnlySpan<byte> value)
    {
        if (!Advance(value.Length != 0)) return;
        WriteUint((uint)value.Length);
        Append(value);
    }

    public void WriteEnd() => WriteUint(0);

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_span[Written..]);
        Written += bytes.Length;
    }

    // The sign moves to the lowest bit, so that small negative numbers stay short.
    static ulong Fold(int value) => ((ulong)(uint)(value < 0 ? ~value : value) << 1) | (value < 0 ? 1u : 0u);

    bool Advance(bool present)
    {
        _delta++;
        if (!present) return false;
        WriteUint((uint)_delta);
        _delta = 0;
        return true;
    }
}
