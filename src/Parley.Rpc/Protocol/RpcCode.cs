namespace Parley.Rpc.Protocol;

/// <summary>How a call ended. The numbers are gRPC's, the names Connect's.</summary>
public enum RpcCode
{
    Ok = 0,
    Canceled = 1,
    Unknown = 2,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    AlreadyExists = 6,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    FailedPrecondition = 9,
    Aborted = 10,
    OutOfRange = 11,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    DataLoss = 15,
    Unauthenticated = 16,
}

/// <summary>What Connect calls the codes, and the HTTP status each goes by (connectrpc.com/docs/protocol, "Error codes").</summary>
static class ConnectCodes
{
    static readonly (string Name, int Status)[] Table =
    [
        ("", 200), ("canceled", 499), ("unknown", 500), ("invalid_argument", 400), ("deadline_exceeded", 504), ("not_found", 404), ("already_exists", 409),
        ("permission_denied", 403), ("resource_exhausted", 429), ("failed_precondition", 400), ("aborted", 409), ("out_of_range", 400), ("unimplemented", 501),
        ("internal", 500), ("unavailable", 503), ("data_loss", 500), ("unauthenticated", 401),
    ];

    public static string NameOf(RpcCode code) => Table[(int)code].Name;

    public static int StatusOf(RpcCode code) => Table[(int)code].Status;
}
