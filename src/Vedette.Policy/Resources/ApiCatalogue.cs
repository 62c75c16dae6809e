using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Vedette.Policy.Resources;

/// <summary>The resources that come with Kubernetes 1.36, read from a table in the program (kubernetes-1.36.tsv). Custom resources are not in it.</summary>
public sealed class ApiCatalogue
{
    private const string Table = "Vedette.Policy.Resources.kubernetes-1.36.tsv";

    private static readonly ImmutableArray<string> s_allVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    private readonly FrozenDictionary<(string Group, string Name), ApiResource> _byName;

    private ApiCatalogue(ImmutableArray<ApiResource> resources)
    {
        Resources = resources;
        Groups = resources.Select(resource => resource.Group).ToFrozenSet(StringComparer.Ordinal);
        _byName = resources.ToFrozenDictionary(resource => (resource.Group, resource.Name));
    }

    /// <summary>The catalogue of Kubernetes 1.36.</summary>
    public static ApiCatalogue Kubernetes { get; } = Read();

    /// <summary>All resources, by group and name.</summary>
    public ImmutableArray<ApiResource> Resources { get; }

    /// <summary>Groups of which all resources are known here.</summary>
    public FrozenSet<string> Groups { get; }

    /// <summary>The resource of exactly this name; null when Kubernetes has none.</summary>
    public ApiResource? Find(string group, string name) => _byName.GetValueOrDefault((group, name));

    /// <summary>This catalogue and resources besides, of which those already in it stay as they are.</summary>
    public ApiCatalogue With(IEnumerable<ApiResource> resources) => new([.. Resources.Concat(resources).DistinctBy(resource => (resource.Group, resource.Name))]);

    /// <summary>What somebody means who writes a kind, a singular, a short name, or another spelling of a resource.</summary>
    /// <param name="group">The group written beside it; resources of other groups are named only when it has none that fits.</param>
    /// <param name="written">The name as written.</param>
    /// <returns>Null when nothing like it is known.</returns>
    public ApiResource? Meant(string group, string written)
    {
        ApiResource[] fits = [.. Resources.Where(resource => Means(resource, written))];
        return fits.FirstOrDefault(resource => resource.Group == group) ?? fits.FirstOrDefault(resource => resource.Group.Length == 0) ?? fits.FirstOrDefault();
    }

    private static bool Means(ApiResource resource, string written) =>
        resource.Name.Equals(written, StringComparison.OrdinalIgnoreCase) || resource.Kind.Equals(written, StringComparison.OrdinalIgnoreCase)
        || resource.ShortNames.Contains(written, StringComparer.OrdinalIgnoreCase);

    private static ApiCatalogue Read()
    {
        using StreamReader reader = new(typeof(ApiCatalogue).Assembly.GetManifestResourceStream(Table)!);
        ImmutableArray<ApiResource>.Builder resources = ImmutableArray.CreateBuilder<ApiResource>();
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
            {
                continue;
            }

            string[] cells = line.Split('\t');
            resources.Add(new ApiResource(
                cells[0] == "-" ? "" : cells[0], cells[1], cells[2], cells[3] == "N", Verbs(cells[4]), List(cells[5], ','),
                List(cells[6], ' ').Select(item => item.Split('=')).ToFrozenDictionary(parts => parts[0], parts => Verbs(parts[1]), StringComparer.Ordinal)));
        }

        return new ApiCatalogue(resources.ToImmutable());
    }

    private static ImmutableArray<string> Verbs(string cell) => cell == "*" ? s_allVerbs : [.. cell.Split(',')];

    private static ImmutableArray<string> List(string cell, char separator) => cell == "-" ? [] : [.. cell.Split(separator)];
}
