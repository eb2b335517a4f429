using System.Security.Cryptography;

namespace Parley.Hosting;

/// <summary>Secrets made at first start and kept in the data directory with owner-only rights.</summary>
public static class ServerSecret
{
    /// <summary>Back ends get administrator tokens for it; <c>PARLEY__OPENIM__SECRET</c> overrides the file.</summary>
    public const string OpenIMFile = "openim-secret";

    /// <summary>Replicas copy the log for it; <c>PARLEY__REPLICATION__SECRET</c> overrides the file.</summary>
    public const string ReplicationFile = "replication-secret";

    /// <summary>Reads the secret, making it first when absent.</summary>
    public static string Obtain(string dataDirectory, string file)
    {
        var path = Path.Combine(dataDirectory, file);
        OwnerOnly.CreateDirectory(dataDirectory);
        if (!File.Exists(path)) OwnerOnly.WriteFile(path, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)) + "\n");
        var secret = File.ReadAllText(path).Trim();
        return secret.Length >= 16 ? secret : throw new InvalidDataException($"{path} holds no secret of at least 16 characters. Delete it to have a new one made.");
    }
}
