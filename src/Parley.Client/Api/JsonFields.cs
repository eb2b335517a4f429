using System.Text.Json;
using System.Text.Json.Nodes;

namespace Parley.Client.Api;

/// <summary>
/// Reads the protocol's objects: a key that is missing or null is the empty value, as its servers leave out what they please. A value of another kind throws
/// <see cref="InvalidOperationException"/> or <see cref="FormatException"/>.
/// </summary>
static class JsonFields
{
    static readonly long MinMs = DateTimeOffset.MinValue.ToUnixTimeMilliseconds();
    static readonly long MaxMs = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <returns>Undefined when there is none.</returns>
    public static JsonElement Part(this JsonElement from, string key) =>
        from.ValueKind == JsonValueKind.Object && from.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : default;

    public static bool IsAbsent(this JsonElement value) => value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    public static string Text(this JsonElement from, string key) => from.Part(key) is { ValueKind: not JsonValueKind.Undefined } value ? value.GetString()! : "";

    public static long Whole(this JsonElement from, string key) => from.Part(key) is { ValueKind: not JsonValueKind.Undefined } value ? value.GetInt64() : 0;

    public static int Small(this JsonElement from, string key) => from.Part(key) is { ValueKind: not JsonValueKind.Undefined } value ? value.GetInt32() : 0;

    public static bool Flag(this JsonElement from, string key) => from.Part(key) is { ValueKind: not JsonValueKind.Undefined } value && value.GetBoolean();

    public static IEnumerable<JsonElement> Items(this JsonElement from, string key) =>
        from.Part(key) is { ValueKind: not JsonValueKind.Undefined } value ? value.EnumerateArray() : [];

    public static IReadOnlyList<string> Texts(this JsonElement from, string key) => [.. from.Items(key).Select(one => one.GetString() ?? "")];

    public static IReadOnlyList<long> Wholes(this JsonElement from, string key) => [.. from.Items(key).Select(one => one.GetInt64())];

    /// <returns>Null for 0, which says "never".</returns>
    public static DateTimeOffset? Time(this JsonElement from, string key) => from.Whole(key) is var ms and not 0 ? At(ms) : null;

    public static DateTimeOffset At(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(unixMs, MinMs, MaxMs));

    public static JsonArray Array(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode)text)];

    public static JsonArray Array(IEnumerable<long> numbers) => [.. numbers.Select(number => (JsonNode)number)];

    /// <summary>Pages count from 1.</summary>
    public static JsonObject Page(int number, int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, 1_000);
        return new JsonObject { ["pageNumber"] = number, ["showNumber"] = length };
    }
}
