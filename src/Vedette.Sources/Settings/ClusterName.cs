using System.Text.RegularExpressions;

namespace Vedette.Sources.Settings;

/// <summary>Names of clusters: they come from paths of requests, and go into labels, file names and headers.</summary>
public static partial class ClusterName
{
    /// <summary>Longest name, in characters.</summary>
    public const int MaxLength = 253;

    /// <summary>What a name may be, for messages.</summary>
    public const string Rule = "letters, digits, '.', '_' and '-', beginning and ending with a letter or digit, at most 253";

    /// <summary>Is this one?</summary>
    public static bool IsValid(string name) => name.Length <= MaxLength && Pattern().IsMatch(name);

    [GeneratedRegex(@"^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}
