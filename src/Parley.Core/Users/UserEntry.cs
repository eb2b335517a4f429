using System.Runtime.InteropServices;
using Parley.Core.Conversations;

namespace Parley.Core.Users;

/// <summary>What a written state holds of a user besides texts.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
struct UserEntry
{
    public long CreatedAt;
    public uint ConversationsVersion;
    public uint JoinedGroupsVersion;
    public uint FriendsVersion;
    public uint BlocksVersion;
    public int FirstConversation;
    public int FirstMembership;
    public int MembershipCount;
    public int FirstFriend;
    public int FriendCount;
    public int FirstLister;
    public int FirstBlock;
    public int BlockCount;
    public int FirstSentRequest;
    public int SentRequestCount;
    public int FirstReceivedRequest;
    public int ReceivedRequestCount;
    public UserLevel Level;
    public ReceiveOption Receive;
    public byte IsErased;
    public byte Unused;

    public static UserEntry Of(ref UserRow row) => new()
    {
        CreatedAt = row.CreatedAt,
        ConversationsVersion = row.ConversationsVersion,
        JoinedGroupsVersion = row.JoinedGroupsVersion,
        FriendsVersion = row.FriendsVersion,
        BlocksVersion = row.BlocksVersion,
        FirstConversation = row.FirstConversation,
        FirstMembership = row.FirstMembership,
        MembershipCount = row.MembershipCount,
        FirstFriend = row.FirstFriend,
        FriendCount = row.FriendCount,
        FirstLister = row.FirstLister,
        FirstBlock = row.FirstBlock,
        BlockCount = row.BlockCount,
        FirstSentRequest = row.FirstSentRequest,
        SentRequestCount = row.SentRequestCount,
        FirstReceivedRequest = row.FirstReceivedRequest,
        ReceivedRequestCount = row.ReceivedRequestCount,
        Level = row.Level,
        Receive = row.Receive,
        IsErased = row.IsErased ? (byte)1 : (byte)0,
        Unused = 0,
    };

    public readonly UserRow ToRow() => new()
    {
        CreatedAt = CreatedAt,
        ConversationsVersion = ConversationsVersion,
        JoinedGroupsVersion = JoinedGroupsVersion,
        FriendsVersion = FriendsVersion,
        BlocksVersion = BlocksVersion,
        FirstConversation = FirstConversation,
        FirstMembership = FirstMembership,
        MembershipCount = MembershipCount,
        FirstFriend = FirstFriend,
        FriendCount = FriendCount,
        FirstLister = FirstLister,
        FirstBlock = FirstBlock,
        BlockCount = BlockCount,
        FirstSentRequest = FirstSentRequest,
        SentRequestCount = SentRequestCount,
        FirstReceivedRequest = FirstReceivedRequest,
        ReceivedRequestCount = ReceivedRequestCount,
        Level = Level,
        Receive = Receive,
        IsErased = IsErased != 0,
    };
}
