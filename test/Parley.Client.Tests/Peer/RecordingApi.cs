using System.Net;
using System.Threading.Channels;

namespace Parley.Client.Tests.Peer;

/// <summary>The REST side: keeps what was asked, gives back <see cref="Answer"/>.</summary>
sealed class RecordingApi : HttpMessageHandler
{
    readonly Channel<(string Path, string Token, string OperationId, string Body)> _calls = Channel.CreateUnbounded<(string, string, string, string)>();

    public ChannelReader<(string Path, string Token, string OperationId, string Body)> Calls => _calls.Reader;

    public string Answer { get; set; } = """{"errCode":0,"errMsg":"","errDlt":""}""";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = await request.Content!.ReadAsStringAsync(cancellationToken);
        _calls.Writer.TryWrite((
            request.RequestUri!.AbsolutePath, request.Headers.GetValues("token").Single(), request.Headers.GetValues("operationID").Single(), body));
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(Answer) };
    }
}
