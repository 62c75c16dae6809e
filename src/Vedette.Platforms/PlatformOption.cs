using System.Collections.Immutable;

namespace Vedette.Platforms;

/// <summary>An option of one platform.</summary>
/// <param name="Name">Without dashes: <c>manifest</c>.</param>
/// <param name="Help">One sentence for the help.</param>
/// <param name="ValueName">Name of its value in the help; null for a switch.</param>
/// <param name="Default">Taken when it is not given; null for nothing.</param>
public sealed record PlatformOption(string Name, string Help, string? ValueName = null, string? Default = null)
{
    /// <summary>The values it may have; empty for any.</summary>
    public ImmutableArray<string> Allowed { get; init; } = [];

    /// <summary>May it be given again?</summary>
    public bool IsRepeatable { get; init; }
}

/// <summary>The options of a platform as given, defaults filled in.</summary>
/// <param name="values">By name; switches that are on have one empty value.</param>
public sealed class OptionValues(IReadOnlyDictionary<string, ImmutableArray<string>> values)
{
    /// <summary>None given.</summary>
    public static OptionValues None { get; } = new(ImmutableDictionary<string, ImmutableArray<string>>.Empty);

    /// <summary>The value of an option; null when it is not given and has no default.</summary>
    public string? this[string name] => values.TryGetValue(name, out ImmutableArray<string> given) && given.Length > 0 ? given[^1] : null;

    /// <summary>Is it given? For switches.</summary>
    public bool Has(string name) => this[name] is not null;

    /// <summary>All values of a repeatable option.</summary>
    public ImmutableArray<string> All(string name) => values.TryGetValue(name, out ImmutableArray<string> given) ? given : [];
}
