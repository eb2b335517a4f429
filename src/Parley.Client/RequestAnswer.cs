namespace Parley.Client;

/// <summary>What became of a request between people; the protocol's numbers.</summary>
public enum RequestAnswer
{
    Refused = -1,
    Open = 0,
    Accepted = 1,
}
