namespace Parley.Wire.OpenIM;

/// <summary>Content types of the protocol's notifications.</summary>
public static class NotificationTypes
{
    public const int FriendAccepted = 1201;
    public const int FriendRefused = 1202;
    public const int FriendRequested = 1203;
    public const int FriendImported = 1204;
    public const int FriendDeleted = 1205;
    public const int RemarkChanged = 1206;
    public const int Blocked = 1207;
    public const int Unblocked = 1208;
    public const int FriendProfileChanged = 1209;
    public const int FriendsChanged = 1210;
    public const int ConversationChanged = 1300;
    public const int OwnProfileChanged = 1303;
    public const int GroupCreated = 1501;
    public const int GroupChanged = 1502;
    public const int ApplicationMade = 1503;
    public const int MemberQuit = 1504;
    public const int ApplicationAccepted = 1505;
    public const int ApplicationRefused = 1506;
    public const int OwnerChanged = 1507;
    public const int MembersRemoved = 1508;
    public const int MembersInvited = 1509;
    public const int MemberEntered = 1510;
    public const int GroupDismissed = 1511;
    public const int MemberMuted = 1512;
    public const int MemberUnmuted = 1513;
    public const int GroupMuted = 1514;
    public const int GroupUnmuted = 1515;
    public const int MemberChanged = 1516;
    public const int MemberPromoted = 1517;
    public const int MemberDemoted = 1518;
    public const int AnnouncementChanged = 1519;
    public const int NameChanged = 1520;
    public const int PrivateChanged = 1701;
    public const int ReadElsewhere = 1702;
    public const int ConversationCleared = 1703;
    public const int ConversationDeleted = 1704;
    public const int Business = 2001;
    public const int Recalled = 2101;
    public const int Deleted = 2102;
    public const int Read = 2200;
}
