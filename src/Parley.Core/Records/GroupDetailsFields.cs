using Parley.Core.Groups;

namespace Parley.Core.Records;

/// <summary>The fields of <see cref="GroupDetails"/> in records of groups: which are there, then those that are not empty.</summary>
static class GroupDetailsFields
{
    const int Presence = 10, Name = 11, Announcement = 12, Introduction = 13, FaceUrl = 14, Extra = 15, JoinRule = 16, HidesMembers = 17, ForbidsFriendRequests = 18, ShowsHistory = 19;

    public static void Write(TaggedWriter writer, GroupDetails details)
    {
        writer.Number(Presence, Bit(Name, details.Name) | Bit(Announcement, details.Announcement) | Bit(Introduction, details.Introduction) | Bit(FaceUrl, details.FaceUrl)
            | Bit(Extra, details.Extra) | Bit(JoinRule, details.JoinRule) | Bit(HidesMembers, details.HidesMembers)
            | Bit(ForbidsFriendRequests, details.ForbidsFriendRequests) | Bit(ShowsHistory, details.ShowsHistory));
        writer.Text(Name, details.Name ?? "");
        writer.Text(Announcement, details.Announcement ?? "");
        writer.Text(Introduction, details.Introduction ?? "");
        writer.Text(FaceUrl, details.FaceUrl ?? "");
        writer.Text(Extra, details.Extra ?? "");
        writer.Number(JoinRule, (long)(details.JoinRule ?? default));
        writer.Number(HidesMembers, details.HidesMembers == true ? 1 : 0);
        writer.Number(ForbidsFriendRequests, details.ForbidsFriendRequests == true ? 1 : 0);
        writer.Number(ShowsHistory, details.ShowsHistory == true ? 1 : 0);
    }

    /// <returns>Null for a tag that is none of these.</returns>
    public static GroupDetails? Read(GroupDetails details, int tag, TaggedReader reader) => tag switch
    {
        Presence => Present(reader.Number),
        Name => details with { Name = reader.Text },
        Announcement => details with { Announcement = reader.Text },
        Introduction => details with { Introduction = reader.Text },
        FaceUrl => details with { FaceUrl = reader.Text },
        Extra => details with { Extra = reader.Text },
        JoinRule => details with { JoinRule = (JoinRule)reader.Number },
        HidesMembers => details with { HidesMembers = reader.Number != 0 },
        ForbidsFriendRequests => details with { ForbidsFriendRequests = reader.Number != 0 },
        ShowsHistory => details with { ShowsHistory = reader.Number != 0 },
        _ => null,
    };

    static GroupDetails Present(long bits)
    {
        string? Text(int tag) => Has(tag) ? "" : null;
        bool? Flag(int tag) => Has(tag) ? false : null;
        bool Has(int tag) => (bits & (1L << (tag - Name))) != 0;
        return new GroupDetails
        {
            Name = Text(Name),
            Announcement = Text(Announcement),
            Introduction = Text(Introduction),
            FaceUrl = Text(FaceUrl),
            Extra = Text(Extra),
            JoinRule = Has(JoinRule) ? default(JoinRule) : null,
            HidesMembers = Flag(HidesMembers),
            ForbidsFriendRequests = Flag(ForbidsFriendRequests),
            ShowsHistory = Flag(ShowsHistory),
        };
    }

    static long Bit(int tag, object? field) => field is null ? 0 : 1L << (tag - Name);
}
