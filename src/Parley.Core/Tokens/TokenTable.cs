using System.Runtime.InteropServices;
using Parley.Core.Snapshots;
using Parley.Core.Users;

namespace Parley.Core.Tokens;

public enum TokenState : byte
{
    None = 0,
    Live = 1,

    /// <summary>Revoked: whoever shows it is told that it was kicked.</summary>
    Kicked = 2,
}

/// <summary>A token as the state knows it.</summary>
/// <param name="User"><see cref="UserNumber.Administration"/> for an administrator's token.</param>
/// <param name="ExpiresAt">µs since 1970.</param>
public readonly record struct TokenView(TokenKey Key, UserNumber User, int Platform, TokenState State, long ExpiresAt);

/// <summary>The tokens of one app: rows by index, threaded per user.</summary>
public sealed class TokenTable(UserTable users)
{
    readonly Dictionary<TokenKey, int> _indexes = [];
    // Few tokens are narrowed, so their rows need no room for it.
    readonly Dictionary<TokenKey, long[]> _apps = [];
    TokenRow[] _rows = new TokenRow[16];
    int _used;
    int _free;

    public int Count => _indexes.Count;

    public bool TryFind(TokenKey key, out TokenView token)
    {
        token = default;
        if (!_indexes.TryGetValue(key, out var index)) return false;
        token = _rows[index].Token;
        return true;
    }

    /// <summary>The user's tokens, the newest first.</summary>
    public IEnumerable<TokenView> Of(UserNumber user)
    {
        for (var link = users.Row(user).FirstToken; link != 0; link = _rows[link - 1].Next) yield return _rows[link - 1].Token;
    }

    /// <summary>Whether a token found here may be used for an app: an administrator's for those it lists, or for every one when it lists none; a user's for the user's own.</summary>
    /// <param name="own">The app that this table belongs to.</param>
    public bool MayName(in TokenView token, long app, long own)
        => token.User == UserNumber.Administration ? !_apps.TryGetValue(token.Key, out var apps) || apps.Contains(app) : app == own;

    /// <summary>Whether it is an administrator's that lists no apps: what concerns the whole log is for no other.</summary>
    public bool IsForEveryApp(in TokenView token) => token.User == UserNumber.Administration && !_apps.ContainsKey(token.Key);

    /// <param name="apps">Empty: every app.</param>
    internal void Add(TokenView token, long[] apps)
    {
        ref var index = ref CollectionsMarshal.GetValueRefOrAddDefault(_indexes, token.Key, out var exists);
        if (exists) throw new InvalidDataException("A token was issued twice.");
        if (_free != 0)
        {
            index = _free - 1;
            _free = _rows[index].Next;
        }
        else
        {
            index = _used++;
            if (_rows.Length == index) Array.Resize(ref _rows, _rows.Length * 2);
        }

        ref var first = ref users.Row(token.User).FirstToken;
        _rows[index] = new TokenRow { Token = token, Next = first };
        first = index + 1;
        if (apps.Length > 0) _apps[token.Key] = apps;
    }

    internal void Kick(TokenKey key)
    {
        if (_indexes.TryGetValue(key, out var index)) _rows[index].Token = _rows[index].Token with { State = TokenState.Kicked };
    }

    internal void Forget(TokenKey key)
    {
        if (!_indexes.Remove(key, out var index)) return;
        _apps.Remove(key);
        ref var link = ref users.Row(_rows[index].Token.User).FirstToken;
        while (link != index + 1) link = ref _rows[link - 1].Next;
        link = _rows[index].Next;
        _rows[index] = new TokenRow { Next = _free };
        _free = index + 1;
    }

    internal void ForgetAll(UserNumber user)
    {
        foreach (var token in Of(user).ToArray()) Forget(token.Key);
    }

    /// <summary>User by user, each one's in their order. Where rows lie and which are free is nobody's business, so a table that was read has them side by side.</summary>
    internal void Write(StateWriter output)
    {
        output.Begin(Section.Tokens, version: 1);
        output.Count(Count);
        for (var user = 0u; user <= users.Count; user++)
        {
            for (var link = users.Row(new UserNumber(user)).FirstToken; link != 0; link = _rows[link - 1].Next)
            {
                var token = _rows[link - 1].Token;
                output.Value(new TokenEntry
                {
                    KeyLow = (ulong)token.Key.Value,
                    KeyHigh = (ulong)(token.Key.Value >> 64),
                    ExpiresAt = token.ExpiresAt,
                    User = user,
                    Platform = token.Platform,
                    State = (ulong)token.State,
                });
            }
        }

        output.Count(_apps.Count);
        foreach (var (key, apps) in _apps.OrderBy(entry => entry.Key.Value))
        {
            output.Value((ulong)key.Value);
            output.Value((ulong)(key.Value >> 64));
            output.Count(apps.Length);
            output.Values<long>(apps);
        }

        output.End();
    }

    internal void Read(StateReader input)
    {
        input.Begin(Section.Tokens, newest: 1);
        var last = 0u;
        for (var left = input.Count(); left > 0; left--)
        {
            var entry = input.Value<TokenEntry>();
            if (entry.User < last || entry.State is 0 or > (ulong)TokenState.Kicked) throw input.Broken($"a token of user {entry.User} is out of place");
            var user = new UserNumber(input.Below(entry.User, users.Count + 1));
            if (_rows.Length == _used) Array.Resize(ref _rows, _rows.Length * 2);
            var key = new TokenKey(new UInt128(entry.KeyHigh, entry.KeyLow));
            _rows[_used] = new TokenRow { Token = new TokenView(key, user, entry.Platform, (TokenState)entry.State, entry.ExpiresAt) };
            if (_used > 0 && entry.User == last) _rows[_used - 1].Next = _used + 1;
            else users.Row(user).FirstToken = _used + 1;
            _used++;
            last = entry.User;
        }

        for (var left = input.Count(); left > 0; left--)
        {
            var low = input.Value<ulong>();
            _apps[new TokenKey(new UInt128(input.Value<ulong>(), low))] = [.. input.List<long>()];
        }

        input.End();
        _indexes.EnsureCapacity(_used);
        for (var i = 0; i < _used; i++)
            if (!_indexes.TryAdd(_rows[i].Token.Key, i)) throw input.Broken("two tokens are the same");
        // Taken for unknown, a token that is narrowed to some apps would be good for all.
        foreach (var key in _apps.Keys)
            if (!_indexes.ContainsKey(key)) throw input.Broken("a token that is narrowed is not there");
    }

    struct TokenRow
    {
        public TokenView Token;
        public int Next;
    }

    struct TokenEntry
    {
        public ulong KeyLow;
        public ulong KeyHigh;
        public long ExpiresAt;
        public uint User;
        public int Platform;
        public ulong State;
    }
}
