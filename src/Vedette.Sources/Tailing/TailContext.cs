using System.Globalization;

namespace Vedette.Sources.Tailing;

/// <summary>What the logs of one source share.</summary>
/// <param name="Files">The disk.</param>
/// <param name="Time">Clock.</param>
/// <param name="Status">How the source goes.</param>
/// <param name="Reader">Reads their files, one at a time.</param>
internal sealed record TailContext(ITailFiles Files, TimeProvider Time, SourceStatus Status, LogFileReader Reader)
{
    /// <summary>Was something wrong since this was last made false?</summary>
    public bool HasComplained { get; set; }

    /// <summary>Says that something is wrong.</summary>
    public void Tell(string message)
    {
        HasComplained = true;
        Status.Wrong(new SourceProblem(message, Time.GetUtcNow()));
    }

    /// <summary>Says that a path cannot be read, why, and what to do.</summary>
    public void Complain(string path, FileFacts? facts, Exception exception)
    {
        if (exception is not UnauthorizedAccessException)
        {
            Tell($"{path} cannot be read: {exception.Message}");
            return;
        }

        try
        {
            facts ??= Files.Look(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Tell(exception.Message);
            return;
        }

        string whose = facts is { } known
            ? string.Create(CultureInfo.InvariantCulture, $" (mode {Convert.ToString((int)known.Mode, 8).PadLeft(4, '0')}, owner {known.User}, group {known.Group}; this process is user {Files.User})")
            : "";
        Tell($"{path} may not be read{whose}: kube-apiserver makes its log readable for its own user only, anew at each rotation. Run Vedette as that user, or give it CAP_DAC_READ_SEARCH "
            + "(with systemd: deploy/systemd/read-logs.conf); it is tried again");
    }
}
