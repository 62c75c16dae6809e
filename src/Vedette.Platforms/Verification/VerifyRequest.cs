using Vedette.Platforms.Residency;
using Vedette.Policy.Loading;

namespace Vedette.Platforms.Verification;

/// <summary>What to verify: the options that all platforms share, and those of one.</summary>
public sealed record VerifyRequest
{
    /// <summary>A directory as <c>vedette setup</c> wrote it; null when the platform's own options name the evidence.</summary>
    public string? SetupDirectory { get; init; }

    /// <summary>Days that events must be kept; null when nobody asks.</summary>
    public int? RetentionDays { get; init; }

    /// <summary>Where data may be.</summary>
    public ResidencyRule Residency { get; init; } = ResidencyRule.Anywhere;

    /// <summary>Version of Kubernetes.</summary>
    public KubernetesVersion Version { get; init; } = KubernetesVersion.Default;

    /// <summary>Options of the platform.</summary>
    public OptionValues Options { get; init; } = OptionValues.None;

    /// <summary>Files that options name.</summary>
    public required InputFiles Files { get; init; }

    /// <summary>Clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Free bytes of the file system that a directory is on, or will be; null when that cannot be told.</summary>
    public Func<string, long?> FreeBytes { get; init; } = FreeBytesOf;

    /// <summary>Path of a file of the setup directory.</summary>
    public string InSetup(string path) => Path.Combine(SetupDirectory ?? ".", path);

    private static long? FreeBytesOf(string directory)
    {
        string? existing = directory;
        while (existing is not null && !Directory.Exists(existing))
        {
            existing = Path.GetDirectoryName(existing);
        }

        try
        {
            return existing is null ? null : new DriveInfo(existing).AvailableFreeSpace;
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
