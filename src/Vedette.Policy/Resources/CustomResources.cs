using System.Collections.Frozen;
using System.Collections.Immutable;
using Vedette.Documents;
using Vedette.Documents.Yaml;

namespace Vedette.Policy.Resources;

/// <summary>Resources that manifests of CustomResourceDefinitions make (apiextensions.k8s.io/v1).</summary>
public static class CustomResources
{
    private static readonly ImmutableArray<string> s_verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    private static readonly ImmutableArray<string> s_subresourceVerbs = ["get", "patch", "update"];

    /// <summary>Reads a file of YAML documents or JSON; documents of other kinds are passed over, and kind List is opened, as <c>kubectl get crds -o yaml</c> prints it.</summary>
    /// <param name="file">The file as the user named it.</param>
    /// <param name="text">Its text.</param>
    /// <param name="diagnostics">Takes what is wrong with it.</param>
    public static ImmutableArray<ApiResource> Read(string file, string text, ICollection<Diagnostic> diagnostics)
    {
        ImmutableArray<ApiResource>.Builder found = ImmutableArray.CreateBuilder<ApiResource>();
        foreach (YamlMapping manifest in YamlReader.Read(file, text, diagnostics).SelectMany(Manifests))
        {
            if (Text(manifest["kind"]) != "CustomResourceDefinition")
            {
                continue;
            }

            if (manifest["spec"] is YamlMapping spec && spec["names"] is YamlMapping names && Text(spec["group"]) is { } group && Text(names["plural"]) is { } plural)
            {
                found.Add(new ApiResource(group, plural, Text(names["kind"]) ?? "", Text(spec["scope"]) != "Cluster", s_verbs, [], Subresources(spec)));
            }
            else
            {
                diagnostics.Add(new Diagnostic(
                    "VP1010", DiagnosticSeverity.Error, file, manifest.Line, manifest.Column, "a CustomResourceDefinition without spec.group or spec.names.plural", "give the manifest as the cluster has it"));
            }
        }

        return found.ToImmutable();
    }

    private static IEnumerable<YamlMapping> Manifests(YamlNode document) => document switch
    {
        YamlMapping map when map["items"] is YamlSequence items => items.Items.OfType<YamlMapping>(),
        YamlMapping map => [map],
        _ => [],
    };

    private static readonly string[] s_subresources = ["status", "scale"];

    /// <summary>Subresources of any version.</summary>
    private static FrozenDictionary<string, ImmutableArray<string>> Subresources(YamlMapping spec) =>
        (spec["versions"] as YamlSequence)?.Items.OfType<YamlMapping>().Select(version => version["subresources"]).OfType<YamlMapping>()
            .SelectMany(subresources => s_subresources.Where(name => subresources[name] is not null)).Distinct(StringComparer.Ordinal)
            .ToFrozenDictionary(name => name, _ => s_subresourceVerbs, StringComparer.Ordinal) ?? FrozenDictionary<string, ImmutableArray<string>>.Empty;

    private static string? Text(YamlNode? node) => (node as YamlScalar)?.Text;
}
