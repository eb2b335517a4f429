using Parley.Core.Messages;

namespace Parley.Core.Tests;

public sealed class SipHashTests
{
    /// <summary>The first vectors that its authors published: key 00 01 … 0f, input 00 01 02 … of each length.</summary>
    [Fact]
    public void Gives_what_its_authors_say()
    {
        ulong[] expected = [0x726FDB47DD0E0E31, 0x74F839C593DC67FD, 0x0D6C8009D9A94F5A, 0x85676696D7FB7E2D, 0xCF2794E0277187B7, 0x18765564CD99A68D, 0xCBC9466E58FEE3CE, 0xAB0200F58B01D137, 0x93F5F5799A932462];
        for (var length = 0; length < expected.Length; length++)
        {
            var input = Enumerable.Range(0, length).Select(i => (byte)i).ToArray();
            Assert.Equal(expected[length], SipHash.Of(0x0706050403020100, 0x0F0E0D0C0B0A0908, input));
        }

        // The example of the paper's appendix.
        Assert.Equal(0xA129CA6149BE45E5, SipHash.Of(0x0706050403020100, 0x0F0E0D0C0B0A0908, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]));
    }
}
