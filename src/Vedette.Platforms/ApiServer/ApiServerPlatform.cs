using System.Collections.Immutable;
using Vedette.Documents;
using Vedette.Documents.Yaml;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.ApiServer;

/// <summary>
/// A platform whose kube-apiserver one configures oneself. Each is told <see cref="AuditPlan"/> in its own words and reads them back as <see cref="ObservedApiServer"/>; what is verified is the same for all.
/// </summary>
public abstract class ApiServerPlatform : Platform
{
    /// <inheritdoc />
    public override ImmutableArray<PlatformOption> VerifyOptions =>
    [
        new("config", ConfigHelp, "FILE"),
        new("root", "Directory that holds the files of a control-plane node by their paths: / on the node itself.", "DIR"),
        new("log", "The audit log: events of the last minutes are looked for in it. Without it the log that --root and the flags lead to.", "FILE"),
        new("metrics", "What kube-apiserver's /metrics answers ('kubectl get --raw /metrics'), as a file or - for standard input.", "FILE"),
    ];

    /// <inheritdoc />
    public override ImmutableArray<Check> Checks => ApiServerChecks.All;

    /// <summary>Says what <c>--config</c> is.</summary>
    private protected abstract string ConfigHelp { get; }

    /// <summary>The configuration in the output directory.</summary>
    private protected abstract string ConfigFile { get; }

    /// <summary>Where the configuration is on a node; null when it is not there.</summary>
    private protected virtual string? ConfigOnNode => null;

    /// <summary>Reads the configuration; null when there is no kube-apiserver in it, which is told as <see cref="ApiServerChecks.Readable"/>.</summary>
    private protected abstract ObservedApiServer? Read(string file, string text, Verdict verdict);

    /// <inheritdoc />
    public override void Verify(VerifyRequest request, Verdict verdict)
    {
        string? root = request.Options["root"] ?? (request.SetupDirectory is null ? null : request.InSetup(AuditPlan.NodeFolder));
        string? config = request.Options["config"]
            ?? (request.SetupDirectory is not null ? request.InSetup(ConfigFile) : ConfigOnNode is { } onNode ? Path.Combine(root ?? "/", onNode.TrimStart('/')) : null);
        if (config is null)
        {
            verdict.CannotTell(ApiServerChecks.Readable, new Place(Name), "nothing to verify is named", "name a directory by --setup or a file by --config");
        }
        else if (!request.Files.TryReadText(config, out string text))
        {
            verdict.CannotTell(ApiServerChecks.Readable, new Place(config), text, "name the file by --config, or run this on a control-plane node as root");
        }
        else if (Read(config, text, verdict) is { } observed)
        {
            root ??= request.Options["config"] is null ? "/" : null;
            ApiServerVerification.Run(observed, new NodeFiles(root, observed, request.Files), text, request, verdict);
        }
    }

    /// <summary>The YAML documents of a text; what is wrong with it is told.</summary>
    private protected static ImmutableArray<YamlNode> Documents(string file, string text, Verdict verdict)
    {
        List<Diagnostic> diagnostics = [];
        ImmutableArray<YamlNode> documents = YamlReader.Read(file, text, diagnostics);
        foreach (Diagnostic diagnostic in diagnostics)
        {
            verdict.Wrong(ApiServerChecks.Readable, new Place(file, diagnostic.Line, diagnostic.Column), diagnostic.Message, diagnostic.Help ?? "mend the YAML");
        }

        return documents;
    }

    /// <summary>Says that a file has no kube-apiserver in it.</summary>
    private protected static ObservedApiServer? NotFound(string file, string what, Verdict verdict)
    {
        verdict.Wrong(ApiServerChecks.Readable, new Place(file), $"there is no {what} in it", "name the right file by --config");
        return null;
    }
}
