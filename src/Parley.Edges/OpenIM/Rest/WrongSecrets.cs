using System.Security.Cryptography;
using System.Text;

namespace Parley.Edges.OpenIM.Rest;

/// <summary>Compares what is shown with the server's secret, and counts what was wrong per address, for a minute at a time.</summary>
sealed class WrongSecrets(OpenIMOptions options, TimeProvider time)
{
    const int MaxAddresses = 10_000;
    static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    readonly Lock _gate = new();
    readonly Dictionary<string, int> _counts = [];
    long _windowStart = time.GetTimestamp();

    /// <returns>Null when the address has shown too many wrong ones: it is not even compared.</returns>
    public bool? IsRight(string secret, string address)
    {
        lock (_gate)
        {
            if (time.GetElapsedTime(_windowStart) >= Window)
            {
                _counts.Clear();
                _windowStart = time.GetTimestamp();
            }

            if (_counts.GetValueOrDefault(address) >= options.MaxWrongSecretsPerMinute) return null;
            if (Equal(secret, options.Secret)) return true;
            // Too many addresses to count are one attacker: none is heard for the rest of the minute.
            if (_counts.Count >= MaxAddresses && !_counts.ContainsKey(address)) return null;
            _counts[address] = _counts.GetValueOrDefault(address) + 1;
            return false;
        }
    }

    /// <summary>Hashed first, so that neither content nor length shows in the time. An empty secret opens nothing.</summary>
    static bool Equal(string shown, string secret)
        => CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(shown)), SHA256.HashData(Encoding.UTF8.GetBytes(secret)))
            && secret.Length > 0;
}
