namespace Parley.Wire.OpenIM;

/// <summary>What an envelope asks, answers or pushes: its <c>reqIdentifier</c>.</summary>
public static class Requests
{
    public const int NewestSeq = 1001;
    public const int PullBySeqRange = 1002;
    public const int SendMessage = 1003;
    public const int SendSignal = 1004;
    public const int PullBySeqList = 1005;
    public const int HasReadAndMaxSeq = 1006;
    public const int LastMessage = 1007;

    /// <summary>Server to client only.</summary>
    public const int Push = 2001;

    /// <summary>Server to client only; the server closes afterwards.</summary>
    public const int Kicked = 2002;

    /// <summary>The server answers, then closes.</summary>
    public const int Logout = 2003;
    public const int SetBackground = 2004;

    /// <summary>A request, and with an empty <c>msgIncr</c> a push of every later change.</summary>
    public const int SubscribeOnlineStatus = 2005;

    /// <summary>Reserved; a client drops the connection when it sees it.</summary>
    public const int DataError = 3001;
}
