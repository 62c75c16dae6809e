namespace Vedette.Documents.Settings;

/// <summary>A settings file while it is read: its name, what is wrong with it, and how it reaches the environment.</summary>
/// <param name="File">The file as the user named it.</param>
/// <param name="Variable">Gives a variable of the environment; null where there is none.</param>
public sealed record SettingsContext(string File, Func<string, string?> Variable)
{
    private readonly SortedSet<string> _files = new(StringComparer.Ordinal);

    /// <summary>What is wrong, in the order found.</summary>
    public List<Diagnostic> Diagnostics { get; } = [];

    /// <summary>Other files that were read, such as secrets: when one changes, the settings should be read again.</summary>
    public IReadOnlyCollection<string> Files => _files;

    /// <summary>Reads a text file that settings name, and notes that it was read.</summary>
    /// <exception cref="IOException">It cannot be read, or is longer.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public string ReadFile(string path, int maxLength)
    {
        _files.Add(path);
        FileInfo file = new(path);
        return file.Exists && file.Length > maxLength ? throw new IOException($"it has more than {maxLength} bytes") : System.IO.File.ReadAllText(path);
    }
}
