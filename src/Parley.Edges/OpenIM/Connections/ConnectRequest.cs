using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Parley.Edges.OpenIM.Connections;

/// <summary>What a client says about itself in the address it connects to: plain query keys, or all of them as JSON in base64url under <c>v</c>.</summary>
sealed record ConnectRequest(string UserId, string Token, int Platform, string OperationId, bool IsBackground, FrameEncoding Encoding, bool WantsAnswer)
{
    const int MaxDocumentLength = 8 << 10;
    const string Gzip = "gzip";

    /// <param name="fault">Why not; null when the request was read.</param>
    /// <param name="wantsAnswer">Whether the verdict, good or bad, is to be the first text frame. Known even when the rest is not.</param>
    public static ConnectRequest? Read(HttpRequest http, out bool wantsAnswer, out string? fault)
    {
        var document = http.Query["v"].ToString();
        Func<string, string> field = document.Length == 0 ? name => http.Query[name].ToString() : Fields(document);
        wantsAnswer = IsTrue(document.Length == 0 ? field("isMsgResp") : field("sendResponse"));

        var (userId, token, operationId) = (field(document.Length == 0 ? "sendID" : "userID"), field("token"), field("operationID"));
        var hasPlatform = int.TryParse(field("platformID"), NumberStyles.None, CultureInfo.InvariantCulture, out var platform);
        var compression = field("compression") is { Length: > 0 } named ? named : http.Headers["compression"].ToString();
        var sdk = field("sdkType");
        fault = userId.Length == 0 ? "no user id"
            : token.Length == 0 ? "no token"
            : operationId.Length == 0 ? "no operationID"
            : !hasPlatform ? "platformID is not a number"
            : compression.Length > 0 && compression != Gzip ? "compression is not gzip"
            : sdk is not ("" or "go" or "js") ? "sdkType is neither go nor js"
            : null;
        if (fault is not null) return null;

        var isBackground = IsTrue(field(document.Length == 0 ? "isBackground" : "background"));
        return new ConnectRequest(userId, token, platform, operationId, isBackground, new FrameEncoding(sdk == "js", compression == Gzip), wantsAnswer);
    }

    static bool IsTrue(string text) => bool.TryParse(text, out var value) && value;

    static Func<string, string> Fields(string document)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            if (document.Length <= MaxDocumentLength)
            {
                using var json = JsonDocument.Parse(Base64Url.DecodeFromChars(document));
                if (json.RootElement.ValueKind == JsonValueKind.Object)
                    foreach (var property in json.RootElement.EnumerateObject())
                        fields[property.Name] = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString()! : property.Value.GetRawText();
            }
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException)
        {
            // Nothing is known of this client then, and the first missing field is what it is told.
            fields.Clear();
        }

        return name => fields.GetValueOrDefault(name, "");
    }
}
