using Parley.Core.Tokens;

namespace Parley.Core.Commands;

/// <summary>Opens the session that comes along with the submission. Applies the login policy.</summary>
public sealed record OpenSession(long App, Actor Actor, TokenKey Token, int Platform) : Command(App, Actor);

/// <summary>Closes the session that comes along with the submission.</summary>
public sealed record CloseSession(long App, Actor Actor) : Command(App, Actor);

/// <summary>Changes what the session that comes along wants to know. Null lists change nothing.</summary>
public sealed record AdjustSession(long App, Actor Actor, bool? IsBackground, IReadOnlyList<string> Watch, IReadOnlyList<string> Unwatch) : Command(App, Actor);
