using System.Collections.Immutable;
using System.CommandLine;
using System.Text;
using Vedette.Cli.Policies;
using Vedette.Documents;
using Vedette.Policy.Reachability;
using Vedette.Policy.Requests;
using Vedette.Policy.Resources;

namespace Vedette.Cli.Commands;

/// <summary>What a user knows about a cluster: custom resources and users. Verdicts about policies are about the requests that there can be there.</summary>
internal sealed class SpaceOptions
{
    /// <summary><c>--crds</c>.</summary>
    public Option<string[]> CustomResourceFiles { get; } = new("--crds")
    {
        Description = "Manifests of CustomResourceDefinitions of the cluster, such as 'kubectl get crds -o yaml' prints.",
        HelpName = "FILE",
    };

    /// <summary><c>--user</c>.</summary>
    public Option<string[]> Users { get; } = new("--user")
    {
        Description = "A user and all groups it is in besides those Kubernetes adds; of other users nothing is supposed.",
        HelpName = "NAME=GROUP,...",
    };

    /// <summary>The requests that there can be.</summary>
    /// <returns>Null when a file is wrong; that was said on the error stream.</returns>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public RequestSpace? SpaceOf(ParseResult result, Terminal terminal) =>
        ResourcesOf(result, terminal) is { } resources ? new RequestSpace(ApiCatalogue.Kubernetes.With(resources), [.. (result.GetValue(Users) ?? []).Select(UserOf)]) : null;

    /// <summary>The custom resources.</summary>
    /// <returns>Null when a file is wrong; that was said on the error stream.</returns>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public ImmutableArray<ApiResource>? ResourcesOf(ParseResult result, Terminal terminal)
    {
        List<Diagnostic> diagnostics = [];
        ImmutableArray<ApiResource> resources = [.. (result.GetValue(CustomResourceFiles) ?? []).SelectMany(file => CustomResources.Read(file, Encoding.UTF8.GetString(PolicySource.Read(file)), diagnostics))];
        foreach (Diagnostic diagnostic in diagnostics)
        {
            terminal.Error.WriteLine(diagnostic.ToString());
        }

        return diagnostics.Exists(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error) ? null : resources;
    }

    private static RequestUser UserOf(string text)
    {
        string[] parts = text.Split('=', 2);
        return new RequestUser(parts[0], parts.Length == 1 ? [] : [.. parts[1].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)]);
    }
}
