using Parley.Client.Connection;
using Parley.Wire.OpenIM;

namespace Parley.Client.Tests.Connection;

public sealed class PendingRequestsTests
{
    readonly PendingRequests _pending = new("alice");

    static ResponseEnvelope Response(int reqIdentifier, string msgIncr) => new(reqIdentifier, 0, "", msgIncr, "", default);

    [Fact]
    public async Task Answers_find_their_questions_in_any_order()
    {
        var (first, second) = (_pending.Open(1001), _pending.Open(1002));
        Assert.True(_pending.Answer(Response(1002, second.MsgIncr)));
        Assert.False(first.Answer.IsCompleted);
        Assert.True(_pending.Answer(Response(1001, first.MsgIncr)));
        Assert.Equal((1001, 1002), ((await first.Answer).ReqIdentifier, (await second.Answer).ReqIdentifier));
        Assert.Equal(0, _pending.Count);
    }

    [Fact]
    public void An_answer_that_is_unknown_repeated_late_or_of_another_kind_goes_nowhere()
    {
        var (msgIncr, answer) = _pending.Open(1001);
        Assert.False(_pending.Answer(Response(1001, "alice_99")));
        Assert.False(_pending.Answer(Response(1002, msgIncr)));
        Assert.False(answer.IsCompleted);
        Assert.True(_pending.Answer(Response(1001, msgIncr)));
        Assert.False(_pending.Answer(Response(1001, msgIncr)));

        var (late, _) = _pending.Open(1001);
        _pending.Forget(late);
        Assert.False(_pending.Answer(Response(1001, late)));
    }

    [Fact]
    public async Task The_end_of_the_link_fails_what_is_open_and_what_comes_after()
    {
        var (_, answer) = _pending.Open(1001);
        _pending.Close();
        Assert.Equal(ParleyException.NotConnected, (await Assert.ThrowsAsync<ParleyException>(() => answer)).Code);
        Assert.Equal(ParleyException.NotConnected, Assert.Throws<ParleyException>(() => _pending.Open(1001)).Code);
    }
}
