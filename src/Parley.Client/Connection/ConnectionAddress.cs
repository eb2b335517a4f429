using System.Globalization;
using Parley.Client.Envelopes;

namespace Parley.Client.Connection;

/// <summary>The address of the long connection with all it must say before the first frame.</summary>
static class ConnectionAddress
{
    public static Uri Build(ParleyClientOptions options, string token, string operationId, IEncoder encoder, ICompressor compressor)
    {
        List<(string Name, string Value)> query =
        [
            ("sendID", options.UserId),
            ("token", token),
            ("platformID", options.Platform.ToString(CultureInfo.InvariantCulture)),
            ("operationID", operationId),
            ("isBackground", "false"),
            // The verdict on the token comes as the first text frame: a refused upgrade would hide its code.
            ("isMsgResp", "true"),
        ];
        if (compressor.Name is { } compression) query.Add(("compression", compression));
        if (encoder.SdkType is { } sdkType) query.Add(("sdkType", sdkType));

        var address = new UriBuilder(options.WebSocketAddress);
        var ours = string.Join('&', query.Select(pair => $"{pair.Name}={Uri.EscapeDataString(pair.Value)}"));
        address.Query = address.Query.Length > 1 ? $"{address.Query[1..]}&{ours}" : ours;
        return address.Uri;
    }
}
