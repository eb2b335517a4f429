using Microsoft.AspNetCore.Identity;

namespace Parley.Hosting.Api;

/// <summary>
/// Hashes and checks passwords. One check costs a tenth of a second of CPU by design, so few run at once and the failures of a name and of an address are counted.
/// </summary>
public sealed class Passwords(TimeProvider time) : IDisposable
{
    public const int MaxLength = 256;
    const int MaxParallel = 2;
    const int MaxWaiting = 64;
    const int MaxFailures = 10;
    const int MaxCounted = 100_000;
    static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    // Someone without password, or nobody at all, is checked against this, so that the answer takes as long.
    static readonly string Decoy = HashOf(Guid.NewGuid().ToString());

    readonly SemaphoreSlim _turns = new(MaxParallel);
    readonly Lock _gate = new();
    readonly Dictionary<string, (int Count, long Until)> _failures = [];
    int _waiting;

    public static string HashOf(string password) => new PasswordHasher<string>().HashPassword("", password);

    /// <param name="hash">The user's stored hash; null when the user or the password does not exist.</param>
    /// <param name="subjects">The names that too many failures block for a while: the user, the address.</param>
    /// <returns>Null when blocked or too busy: ask again later.</returns>
    public async Task<bool?> CheckAsync(string? hash, string password, string[] subjects, CancellationToken cancellation)
    {
        if (IsBlocked(subjects)) return null;
        if (Interlocked.Increment(ref _waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return null;
        }

        try
        {
            await _turns.WaitAsync(cancellation);
            try
            {
                var matches = new PasswordHasher<string>().VerifyHashedPassword("", hash ?? Decoy, password) != PasswordVerificationResult.Failed && hash is not null;
                if (!matches) Count(subjects);
                return matches;
            }
            finally
            {
                _turns.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    public void Dispose() => _turns.Dispose();

    bool IsBlocked(string[] subjects)
    {
        var now = time.GetTimestamp();
        lock (_gate) return subjects.Any(subject => _failures.TryGetValue(subject, out var failed) && failed.Until > now && failed.Count >= MaxFailures);
    }

    void Count(string[] subjects)
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            if (_failures.Count >= MaxCounted)
                foreach (var (subject, failed) in _failures)
                    if (failed.Until <= now || _failures.Count >= MaxCounted) _failures.Remove(subject);
            foreach (var subject in subjects)
            {
                var failed = _failures.GetValueOrDefault(subject);
                if (failed.Until <= now) failed = (0, now + (long)(Window.TotalSeconds * time.TimestampFrequency));
                _failures[subject] = (failed.Count + 1, failed.Until);
            }
        }
    }
}
