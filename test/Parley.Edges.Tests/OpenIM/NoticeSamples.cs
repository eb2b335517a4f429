using Parley.Core.Contacts;
using Parley.Core.Conversations;
using Parley.Core.Groups;
using Parley.Core.Messages;
using Parley.Core.Notices;
using Parley.Core.Users;

namespace Parley.Edges.Tests.OpenIM;

/// <summary>What the notices of a test are made of, and the JSON that OpenIM's clients want for it.</summary>
static class NoticeSamples
{
    public const long Time = 1_700_000_009_876_543;
    public const long Requested = 1_700_000_002_000_000;
    public const long Answered = 1_700_000_003_000_000;

    public static readonly ConversationName Peers = new(ConversationKey.Peer(new UserNumber(1), new UserNumber(2)), "bob", "alice");
    public static readonly ConversationName WithSystem = Peers with { Second = "sys", IsSystem = true };
    public static readonly ConversationName InGroup = new(ConversationKey.Of(new GroupNumber(7)), "g_7");

    public static readonly GroupView Group = new(new GroupNumber(7), "g_7", GroupKind.Normal, new GroupDetails
    {
        Name = "Name",
        Announcement = "News",
        Introduction = "Intro",
        FaceUrl = "http://g",
        Extra = "gx",
        JoinRule = JoinRule.Open,
        HidesMembers = true,
        ForbidsFriendRequests = true,
    }, "alice", "bob", 3, 1_700_000_000_000_000, 1_700_000_001_000_000, "alice", IsDismissed: false, IsMuted: false, MembersVersion: 6);

    public const string GroupJson = """
        {"groupID":"g_7","groupName":"Name","notification":"News","introduction":"Intro","faceURL":"http://g","ownerUserID":"alice","createTime":1700000000000,"memberCount":3,
         "ex":"gx","status":0,"creatorUserID":"bob","groupType":2,"needVerification":2,"lookMemberInfo":1,"applyMemberFriend":1,"notificationUpdateTime":1700000001000,"notificationUserID":"alice"}
        """;

    public static readonly MemberView Alice = new(new GroupNumber(7), "g_7", new UserNumber(2), "alice", GroupRole.Owner, "Alice", "http://a", "ax", 1_700_000_000_000_000,
        JoinSource.Administration, "", "", 0);

    public static readonly MemberView Bob = new(new GroupNumber(7), "g_7", new UserNumber(1), "bob", GroupRole.Member, "Bob", "", "", 1_700_000_004_000_000,
        JoinSource.Invitation, "alice", "carol", 1_700_000_500_000_000);

    public const string AliceJson = """
        {"groupID":"g_7","userID":"alice","roleLevel":100,"joinTime":1700000000000,"nickname":"Alice","faceURL":"http://a","appMangerLevel":0,"joinSource":1,"operatorUserID":"",
         "ex":"ax","muteEndTime":0,"inviterUserID":""}
        """;

    public const string BobJson = """
        {"groupID":"g_7","userID":"bob","roleLevel":20,"joinTime":1700000004000,"nickname":"Bob","faceURL":"","appMangerLevel":0,"joinSource":2,"operatorUserID":"carol",
         "ex":"","muteEndTime":1700000500000,"inviterUserID":"alice"}
        """;

    public const string AdministrationJson = """
        {"groupID":"g_7","userID":"admin","roleLevel":60,"joinTime":0,"nickname":"","faceURL":"","appMangerLevel":2,"joinSource":0,"operatorUserID":"","ex":"","muteEndTime":0,"inviterUserID":""}
        """;

    public static readonly UserProfile Carol = new(new UserNumber(3), "carol", "Carol", "http://c", "cx", 0, UserLevel.Ordinary, ReceiveOption.Notify);
    public static readonly UserProfile Dave = new(new UserNumber(4), "dave", "Dave", "http://d", "", 0, UserLevel.Ordinary, ReceiveOption.Notify);

    public static GroupApplication Application(Answer answer = Answer.Open, string answerer = "")
        => new("g_7", Carol, "let me in", "rx", JoinSource.Search, "", Requested, answer, answerer, answer == Answer.Open ? "" : "well", answer == Answer.Open ? 0 : Answered);

    public static string ApplicationJson(int result = 0, string handler = "") => $$"""
        {"userInfo":{"userID":"carol","nickname":"Carol","faceURL":"http://c","ex":"cx"},"groupInfo":{{GroupJson}},"handleResult":{{result}},"reqMsg":"let me in",
         "handleMsg":"{{(result == 0 ? "" : "well")}}","reqTime":1700000002000,"handleUserID":"{{handler}}","handleTime":{{(result == 0 ? 0 : 1700000003000)}},"ex":"rx","joinSource":3,"inviterUserID":""}
        """;

    /// <summary>Of Carol to Dave.</summary>
    public static FriendRequest Request(Answer answer = Answer.Open)
        => new(Carol, Dave, "be my friend", "fx", Requested, answer, answer == Answer.Open ? "" : "well", answer == Answer.Open ? 0 : Answered);

    public static string RequestJson(int result = 0) => $$"""
        {"fromUserID":"carol","fromNickname":"Carol","fromFaceURL":"http://c","toUserID":"dave","toNickname":"Dave","toFaceURL":"http://d","handleResult":{{result}},
         "reqMsg":"be my friend","createTime":1700000002000,"handlerUserID":"{{(result == 0 ? "" : "dave")}}","handleMsg":"{{(result == 0 ? "" : "well")}}",
         "handleTime":{{(result == 0 ? 0 : 1700000003000)}},"ex":"fx"}
        """;

    public static readonly Recall Recalled = new(5, "c-5", "alice", "Alice", GroupRole.Owner, Answered, "bob", "Bob", Requested);

    public static GroupNotice Of(GroupEvent @event, params MemberView[] members) => new(@event, Group, Alice, members);
}
