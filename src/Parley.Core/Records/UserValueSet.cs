using Parley.Core.Users;

namespace Parley.Core.Records;

/// <summary>A small value was kept for a user, or removed.</summary>
/// <param name="User">0 for a value that is for everyone.</param>
/// <param name="Value">Null when it was removed.</param>
sealed record UserValueSet(UserNumber User, UserValueSpace Space, string Key, string? Value, string Extra) : Record(RecordTypes.UserValueSet)
{
    public override void Write(TaggedWriter writer)
    {
        writer.Number(1, User.Value);
        writer.Number(2, (long)Space);
        writer.Text(3, Key);
        writer.Number(4, Value is null ? 1 : 0);
        writer.Text(5, Value ?? "");
        writer.Text(6, Extra);
    }

    public override void Apply(AppState app, in Applied at)
    {
        // No key is empty but that of an erased value.
        if (Key.Length > 0) app.Values.Set(User, Space, Key, Value, Extra, at.Time);
    }

    public override bool HoldsTextsOf(UserNumber user, in Applied at) => User == user && Key.Length > 0;

    public override void WriteWithoutTexts(TaggedWriter writer, UserNumber user) => writer.Number(1, User.Value);

    public static UserValueSet Read(TaggedReader reader)
    {
        var (set, isRemoved) = (new UserValueSet(default, default, "", "", ""), false);
        while (reader.TryRead(out var tag))
        {
            if (tag == 1) set = set with { User = new UserNumber((uint)reader.Number) };
            else if (tag == 2) set = set with { Space = (UserValueSpace)reader.Number };
            else if (tag == 3) set = set with { Key = reader.Text };
            else if (tag == 4) isRemoved = reader.Number != 0;
            else if (tag == 5) set = set with { Value = reader.Text };
            else if (tag == 6) set = set with { Extra = reader.Text };
        }

        return isRemoved ? set with { Value = null } : set;
    }
}
