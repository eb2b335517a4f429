using System.Buffers.Binary;
using Parley.Core.Sequencing;
using Parley.Core.Tokens;
using Parley.Core.Users;

namespace Parley.Core.Records;

sealed record TokenIssued(TokenKey Key, UserNumber User, int Platform, long ExpiresAt) : Record(RecordTypes.TokenIssued)
{
    /// <summary>Of an administrator's token: the apps it is for; empty for every app.</summary>
    public IReadOnlyList<long> Apps { get; init; } = [];

    public override void Write(TaggedWriter writer)
    {
        writer.Key(1, Key.Value);
        writer.Number(2, User.Value);
        writer.Number(3, Platform);
        writer.Number(4, ExpiresAt);
        // As bytes: an app may be 0, and numbers that are 0 are left out.
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        foreach (var app in Apps)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes, app);
            writer.Bytes(5, bytes);
        }
    }

    public override void Apply(AppState app, in Applied at) => app.Tokens.Add(new TokenView(Key, User, Platform, TokenState.Live, ExpiresAt), [.. Apps]);

    public static TokenIssued Read(TaggedReader reader)
    {
        var token = new TokenIssued(default, default, 0, 0);
        var apps = new List<long>();
        while (reader.TryRead(out var tag))
            token = tag switch
            {
                1 => token with { Key = new TokenKey(reader.Key) },
                2 => token with { User = new UserNumber((uint)reader.Number) },
                3 => token with { Platform = (int)reader.Number },
                4 => token with { ExpiresAt = reader.Number },
                5 => WithApp(reader.Bytes.Span),
                _ => token,
            };
        return token with { Apps = apps };

        TokenIssued WithApp(ReadOnlySpan<byte> app)
        {
            apps.Add(BinaryPrimitives.ReadInt64LittleEndian(app));
            return token;
        }
    }
}

/// <param name="Forgotten">False: the tokens are remembered as kicked until they expire. True: they are gone.</param>
sealed record TokensRevoked(IReadOnlyList<TokenKey> Keys, bool Forgotten) : Record(RecordTypes.TokensRevoked)
{
    public override void Write(TaggedWriter writer)
    {
        foreach (var key in Keys) writer.Key(1, key.Value);
        writer.Number(2, Forgotten ? 1 : 0);
    }

    public override void Apply(AppState app, in Applied at)
    {
        foreach (var key in Keys)
        {
            if (Forgotten) app.Tokens.Forget(key);
            else app.Tokens.Kick(key);
        }
    }

    public override void Announce(AppState app, in Applied at, Announcer to)
    {
        if (Forgotten) return;
        foreach (var key in Keys)
            if (app.Tokens.TryFind(key, out var token)) to.Kick(app, token.User, key);
    }

    public static TokensRevoked Read(TaggedReader reader)
    {
        var keys = new List<TokenKey>();
        var forgotten = false;
        while (reader.TryRead(out var tag))
        {
            if (tag == 1) keys.Add(new TokenKey(reader.Key));
            else if (tag == 2) forgotten = reader.Number != 0;
        }

        return new TokensRevoked(keys, forgotten);
    }
}
