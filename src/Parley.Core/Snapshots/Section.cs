namespace Parley.Core.Snapshots;

/// <summary>The parts of a written state, in their order. Numbers are on disk: add, never reuse. Whoever changes what a section holds raises its version there and in <c>FORMAT.md</c>.</summary>
enum Section
{
    None = 0,

    /// <summary>Once, first: position, time and how many apps follow.</summary>
    State = 1,

    /// <summary>Once per app: its number.</summary>
    App = 2,
    Users = 10,
    Tokens = 11,
    Groups = 12,
    Members = 13,
    Conversations = 14,
    Operations = 15,
    Mentions = 16,
    Reactions = 17,
    Pins = 18,
    Friends = 19,
    Blocks = 20,
    Requests = 21,
    Applications = 22,
    Values = 23,
    Remembered = 24,

    /// <summary>Once, last: nothing follows.</summary>
    End = 255,
}
