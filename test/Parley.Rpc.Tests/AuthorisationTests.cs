using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Parley.Core;
using Parley.Core.Commands;
using Parley.Rpc.Client;
using Parley.Rpc.Protocol;
using Parley.Rpc.Storage;
using Parley.Rpc.Storage.V1;

namespace Parley.Rpc.Tests;

/// <summary>Every method for every kind of token; a method without a row fails the test below.</summary>
public sealed class AuthorisationTests(RunningRpcFixture fixture) : IClassFixture<RunningRpcFixture>
{
    readonly RunningRpc _rpc = fixture.Rpc;

    /// <summary>Calls that an administrator may make of an empty server: refused for other reasons, or answered.</summary>
    static readonly Dictionary<string, Func<StorageClient, Task>> Table = new()
    {
        ["SavePeerMessage"] = client => client.SavePeerMessageAsync(new()),
        ["SavePeerGroupMessage"] = client => client.SavePeerGroupMessageAsync(new()),
        ["SaveGroupMessage"] = client => client.SaveGroupMessageAsync(new()),
        ["GetNewCount"] = client => client.GetNewCountAsync(new()),
        ["GetLatestMessage"] = client => client.GetLatestMessageAsync(new()),
        ["SyncMessage"] = client => client.SyncMessageAsync(new()),
        ["SyncGroupMessage"] = client => client.SyncGroupMessageAsync(new()),
        ["Ping"] = client => client.PingAsync(new()),
        ["Follow"] = async client =>
        {
            await foreach (var _ in client.FollowAsync(new())) return;
        },
    };

    public static TheoryData<string> Methods => [.. Table.Keys];

    [Fact]
    public void Every_method_has_a_row() => Assert.Equal(FollowRequest.Descriptor.File.Services[0].Methods.Select(method => method.Name).Order(), Table.Keys.Order());

    [Theory, MemberData(nameof(Methods))]
    public async Task Only_administrators_are_answered(string method)
    {
        var user = await _rpc.NewUserAsync();
        var revoked = await _rpc.TokenAsync(user.Id);
        await _rpc.Sequencer.SubmitAsync(new RevokeTokens(0, Actor.Operator, user.Id, 5));
        (string Token, RpcCode Code, Refusal Refusal)[] callers =
        [
            ("", RpcCode.Unauthenticated, Refusal.None),
            ("made-up", RpcCode.Unauthenticated, Refusal.UnknownToken),
            (new string('x', 129), RpcCode.Unauthenticated, Refusal.None),
            (await _rpc.TokenAsync(user.Id), RpcCode.PermissionDenied, Refusal.NotAllowed),
            (revoked, RpcCode.Unauthenticated, Refusal.KickedToken),
            (await _rpc.TokenAsync(null, DateTimeOffset.UtcNow.AddSeconds(-1)), RpcCode.Unauthenticated, Refusal.ExpiredToken),
            (await _rpc.TokenAsync(user.Id, DateTimeOffset.UtcNow.AddSeconds(-1)), RpcCode.Unauthenticated, Refusal.ExpiredToken),
        ];
        for (var i = 0; i < callers.Length; i++)
        {
            var fault = (await Assert.ThrowsAsync<RpcException>(() => Table[method](_rpc.ClientWith(callers[i].Token)))).Fault;
            Assert.Equal((i, callers[i].Code, callers[i].Refusal), (i, fault.Code, fault.Refusal));
        }

        try
        {
            await Table[method](_rpc.Client);
        }
        catch (RpcException e) when (e.Code == RpcCode.InvalidArgument)
        {
            // The request is empty: it was looked at.
        }
    }

    [Theory, MemberData(nameof(Methods))]
    public async Task Administrators_of_other_apps_are_not(string method)
    {
        // The table's calls are about app 0.
        var fault = await FaultAsync(_rpc.ClientWith(await _rpc.TokenAsync(null, null, 5, 6)));
        Assert.Equal(method == "Ping" ? null : (RpcCode.PermissionDenied, Refusal.NotAllowed), fault);
        // Who is for app 0 alone may ask about it, and yet not see the whole log.
        fault = await FaultAsync(_rpc.ClientWith(await _rpc.TokenAsync(null, null, 0, 5)));
        Assert.Equal(method == "Follow", fault == (RpcCode.PermissionDenied, Refusal.NotAllowed));

        async Task<(RpcCode, Refusal)?> FaultAsync(StorageClient client)
        {
            try
            {
                await Table[method](client);
                return null;
            }
            catch (RpcException e)
            {
                return (e.Code, e.Fault.Refusal);
            }
        }
    }

    [Theory, MemberData(nameof(Methods))]
    public async Task Connect_says_so_too(string method)
    {
        foreach (var (token, status, code) in new[] { (null, 401, "unauthenticated"), (await _rpc.TokenAsync((await _rpc.NewUserAsync()).Id), 403, "permission_denied") })
        {
            var isStream = method == "Follow";
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/{StorageService.Name}/{method}")
            {
                Content = new ByteArrayContent(isStream ? [0, 0, 0, 0, 2, (byte)'{', (byte)'}'] : "{}"u8.ToArray()) { Headers = { ContentType = new MediaTypeHeaderValue(isStream ? "application/connect+json" : "application/json") } },
            };
            if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var response = await _rpc.Http1.SendAsync(request, Patience.Token);
            var body = await response.Content.ReadAsByteArrayAsync(Patience.Token);
            Assert.Equal(isStream ? HttpStatusCode.OK : (HttpStatusCode)status, response.StatusCode);
            Assert.Contains($"\"code\":\"{code}\"", Encoding.UTF8.GetString(body), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Other_schemes_are_no_tokens()
    {
        foreach (var header in new[] { _rpc.Token, $"Basic {_rpc.Token}", $"Bearer{_rpc.Token}" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/{StorageService.Name}/Ping") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
            request.Headers.TryAddWithoutValidation("Authorization", header);
            using var response = await _rpc.Http1.SendAsync(request, Patience.Token);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }
    }
}
