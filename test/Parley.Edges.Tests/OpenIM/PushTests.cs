using Google.Protobuf;
using Parley.Edges.OpenIM.Connections;
using Parley.Wire.OpenIM;
using Parley.Wire.OpenIM.Messages;

namespace Parley.Edges.Tests.OpenIM;

public sealed class PushTests
{
    /// <summary>At the sizes where a length takes one byte more.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    [InlineData(100)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(16_300)]
    [InlineData(16_384)]
    [InlineData(40_000)]
    public void A_push_written_by_hand_is_what_protobuf_writes(int contentBytes)
    {
        const string conversation = "si_alice_bøb";
        var message = new MsgData { SendID = "alice", Content = ByteString.CopyFrom(new byte[contentBytes]), Seq = 7 };
        var frame = new FrameEncoding(IsJson: false, IsCompressed: false).RenderPush(RequestName.Push(Requests.Push, "op"), conversation, message);
        var expected = new PushMessages { Msgs = { [conversation] = new PullMsgs { Msgs = { message } } } };
        Assert.Equal(expected.ToByteArray(), GobEnvelope.ReadResponse(frame).Data.ToArray());
    }
}
