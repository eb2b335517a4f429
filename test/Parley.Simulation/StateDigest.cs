using Parley.Core;

namespace Parley.Simulation;

/// <summary>A hash over everything a reader of the state can see.</summary>
static class StateDigest
{
    public static ulong Of(State state)
    {
        var digest = new Fnv();
        digest.Add(state.Position);
        digest.Add(state.Time);
        foreach (var number in state.Apps)
        {
            var app = state.App(number);
            // Asking about an app makes an empty one; a replay doesn't ask.
            if (app.Users.Count == 0 && app.Tokens.Count == 0) continue;
            digest.Add(number);
            digest.Add(app.Users.Count);
            digest.Add(app.Tokens.Count);
            digest.Add(app.Conversations.Count);
            digest.Add(app.RememberedCount);
            for (uint user = 0; user <= app.Users.Count; user++) Add(ref digest, app, new(user));
        }

        return digest.Value;
    }

    static void Add(ref Fnv digest, AppState app, Core.Users.UserNumber user)
    {
        if (user.Value > 0)
        {
            var profile = app.Users.Profile(user);
            digest.Add(profile.Id);
            digest.Add(profile.Nickname);
            digest.Add(profile.FaceUrl);
            digest.Add(profile.Extra);
            digest.Add(profile.CreatedAt);
            digest.Add(app.Users.PasswordHash(user) ?? "");
        }

        foreach (var token in app.Tokens.Of(user))
        {
            digest.Add((long)(ulong)token.Key.Value);
            digest.Add(token.Platform);
            digest.Add((long)token.State);
            digest.Add(token.ExpiresAt);
        }

        foreach (var view in app.Conversations.Of(user))
        {
            digest.Add((long)view.Key.Feed.Value);
            digest.Add(view.Last);
            digest.Add(view.LastTime);
            digest.Add(view.Read);
            digest.Add(view.Minimum);
        }
    }
}

/// <summary>FNV-1a over 64-bit words: to compare, not to protect.</summary>
struct Fnv()
{
    public ulong Value { get; private set; } = 14_695_981_039_346_656_037;

    public void Add(long value)
    {
        Value = (Value ^ (ulong)value) * 1_099_511_628_211;
        Value ^= Value >> 29;
    }

    public void Add(string text)
    {
        Add(text.Length);
        foreach (var c in text) Add(c);
    }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        Add(bytes.Length);
        foreach (var b in bytes) Add(b);
    }
}
