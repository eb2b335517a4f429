namespace Parley.Client;

public enum ConnectionState
{
    /// <summary>No connection; the next attempt waits for its back-off.</summary>
    Offline,

    /// <summary>Dialling, or waiting for the server's verdict on the token.</summary>
    Connecting,

    Connected,

    /// <summary>No further attempt will be made: kicked, token refused, logged out or disposed. Open a new client.</summary>
    Stopped,
}
