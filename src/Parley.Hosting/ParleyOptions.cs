using System.ComponentModel.DataAnnotations;

namespace Parley.Hosting;

/// <summary>What concerns the server as a whole. All options stand below <see cref="Section"/>; as environment variables <c>PARLEY__SECTION__NAME</c>.</summary>
public sealed class ParleyOptions
{
    public const string Section = "Parley";

    /// <summary>Where everything is kept. Made with owner-only rights when absent.</summary>
    [Required, MinLength(1)]
    public string DataDirectory { get; set; } = "parley-data";

    /// <summary>Where backups made through the API go, each in a directory of its name. Default <c>backups</c> inside <see cref="DataDirectory"/>; better on another disk.</summary>
    public string? BackupDirectory { get; set; }

    /// <summary>Directory of the log inside <see cref="DataDirectory"/>.</summary>
    public string LogDirectory => Path.Combine(DataDirectory, "log");
}
