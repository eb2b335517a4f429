using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Parley.Core.Tokens;

/// <summary>
/// What the server keeps of a token: the first 128 bits of its SHA-256. The token itself is never stored, so neither the log nor a backup lets anyone in,
/// and looking one up compares hashes, whose timing tells nothing about the token.
/// </summary>
public readonly record struct TokenKey(UInt128 Value)
{
    public const int Bytes = 16;

    /// <summary>Longer texts are no tokens of ours and are not hashed.</summary>
    public const int MaxTokenLength = 128;

    public static bool TryFrom(string? token, out TokenKey key)
    {
        key = default;
        if (token is null || token.Length is 0 or > MaxTokenLength) return false;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(token), hash);
        key = new TokenKey(BinaryPrimitives.ReadUInt128BigEndian(hash));
        return true;
    }

    /// <summary>Makes a new opaque token of 256 random bits.</summary>
    public static string NewToken() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}
