using Parley.Core.Users;

namespace Parley.Core.Records;

sealed record UserRegistered(UserNumber Number, string Id, string Nickname, string FaceUrl, string Extra, string? PasswordHash, UserLevel Level = UserLevel.Ordinary)
    : Record(RecordTypes.UserRegistered)
{
    /// <summary>Nothing but the level is left; the number is the next, as always.</summary>
    public bool IsErased { get; init; }

    public override void Write(TaggedWriter writer)
    {
        writer.Number(1, Number.Value);
        writer.Text(2, Id);
        writer.Text(3, Nickname);
        writer.Text(4, FaceUrl);
        writer.Text(5, Extra);
        writer.Text(6, PasswordHash ?? "");
        writer.Number(7, (long)Level);
    }

    public override void Apply(AppState app, in Applied at) => app.Users.Add(this, at.Time);

    public override bool HoldsTextsOf(UserNumber user, in Applied at) => Number == user && !IsErased;

    public override void WriteWithoutTexts(TaggedWriter writer, UserNumber user) => writer.Number(7, (long)Level);

    public static UserRegistered Read(TaggedReader reader)
    {
        var user = new UserRegistered(default, "", "", "", "", null);
        while (reader.TryRead(out var tag))
            user = tag switch
            {
                1 => user with { Number = new UserNumber((uint)reader.Number) },
                2 => user with { Id = reader.Text },
                3 => user with { Nickname = reader.Text },
                4 => user with { FaceUrl = reader.Text },
                5 => user with { Extra = reader.Text },
                6 => user with { PasswordHash = reader.Text },
                7 => user with { Level = (UserLevel)reader.Number },
                TaggedWriter.ErasedTag => user with { IsErased = true },
                _ => user,
            };
        return user;
    }
}
