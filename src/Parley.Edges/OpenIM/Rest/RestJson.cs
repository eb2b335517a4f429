using System.Text.Encodings.Web;
using System.Text.Json;

namespace Parley.Edges.OpenIM.Rest;

/// <summary>How REST bodies are read and written: the protocol's keys begin with a small letter, and members here are named so that they do (<c>UserID</c>, <c>userID</c>).</summary>
static class RestJson
{
    public static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        // Bodies are read by JSON parsers, never pasted into HTML.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new ProtoJsonConverter() },
    };

    /// <summary>Clients know an empty list as null: the pure JavaScript SDK takes the first entry of whatever is not null, and fails to log in where there is none.</summary>
    public static T[]? NullIfEmpty<T>(this IReadOnlyCollection<T> list) => list.Count == 0 ? null : [.. list];
}
