namespace Parley.Wire.OpenIM;

/// <summary>Values of <c>errCode</c> in envelopes, handshakes and REST answers.</summary>
public static class ErrorCodes
{
    public const int None = 0;

    public const int Internal = 500;
    public const int Arguments = 1001;
    public const int NoPermission = 1002;
    public const int DuplicateKey = 1003;
    public const int RecordNotFound = 1004;

    public const int UserNotFound = 1101;
    public const int AlreadyRegistered = 1102;

    public const int GroupNotFound = 1201;
    public const int GroupExists = 1202;
    public const int NotInGroup = 1203;
    public const int GroupDismissed = 1204;
    public const int GroupTypeNotSupported = 1205;
    public const int GroupRequestHandled = 1206;

    public const int CannotAddSelf = 1301;
    public const int BlockedByPeer = 1302;
    public const int NotFriend = 1303;
    public const int AlreadyFriends = 1304;
    public const int FriendRequestHandled = 1305;

    public const int HasReadDisabled = 1401;
    public const int MutedInGroup = 1402;
    public const int GroupMuted = 1403;
    public const int AlreadyRevoked = 1404;

    // 1501 to 1507: the client ends its session and does not reconnect.
    public const int TokenExpired = 1501;
    public const int TokenInvalid = 1502;
    public const int TokenMalformed = 1503;
    public const int TokenNotValidYet = 1504;
    public const int TokenUnknown = 1505;
    public const int TokenKicked = 1506;
    public const int TokenNotExist = 1507;

    public const int ConnectionLimit = 1601;
    public const int ConnectionArguments = 1602;
    public const int PushFailed = 1603;
    public const int BackgroundPushFailed = 1604;

    public const int UploadExpired = 1701;

    public const int WebhookFailed = 80000;

    /// <summary>Whether the client must stop instead of reconnecting: its token is of no more use.</summary>
    public static bool IsToken(int code) => code is >= TokenExpired and <= TokenNotExist;
}
