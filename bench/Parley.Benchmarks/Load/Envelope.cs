namespace Parley.Benchmarks.Load;

/// <summary>How a connection's frames are wrapped.</summary>
readonly record struct Envelope(bool IsJson, bool IsGzip)
{
    public static readonly Envelope[] All = [new(true, false), new(true, true), new(false, false), new(false, true)];

    /// <summary>The connection's query, as OpenIM's SDKs write it.</summary>
    public string Query(string user, string token, int platform)
        => $"/?sendID={user}&token={token}&platformID={platform}&operationID=benchmark&isBackground=false&isMsgResp=true"
            + (IsJson ? "&sdkType=js" : "&sdkType=go") + (IsGzip ? "&compression=gzip" : "");

    public override string ToString() => (IsJson ? "json" : "gob") + (IsGzip ? " gzip" : "");
}
