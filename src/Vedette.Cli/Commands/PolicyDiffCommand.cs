using System.CommandLine;
using System.Text.Json;
using Vedette.Cli.Output;
using Vedette.Policy.Evaluation;
using Vedette.Policy.Loading;
using Vedette.Policy.Model;
using Vedette.Policy.Reachability;

namespace Vedette.Cli.Commands;

/// <summary><c>vedette policy diff</c>: what changes with another policy.</summary>
internal static class PolicyDiffCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal)
    {
        Argument<string> oldFile = PolicyCommand.PolicyArgument("OLD");
        Argument<string> newFile = PolicyCommand.PolicyArgument("NEW");
        Option<string> version = PolicyCommand.KubernetesVersionOption();
        SpaceOptions space = new();
        ReplayOptions replay = new(terminal);
        Option<string> output = OutputOption.TableOrJson();
        Command command = new ExampleCommand(
            "diff",
            "Compare two policies: requests that they answer differently and, with logs, what each leaves of them.",
            """
            vedette policy diff old.yaml new.yaml
            vedette policy diff old.yaml new.yaml --log audit.log --rules
            """)
        {
            oldFile, newFile, replay.Logs, replay.Rules, replay.Days, replay.Rate, replay.Prices, replay.Top, version, space.CustomResourceFiles, space.Users, output,
        };
        command.SetAction((result, cancellation) => Task.FromResult(PolicyCommand.WithFiles(terminal, () =>
        {
            KubernetesVersion kubernetes = PolicyCommand.VersionOf(result, version);
            if (PolicyCommand.Load(terminal, result.GetValue(oldFile)!, kubernetes) is not { } old || PolicyCommand.Load(terminal, result.GetValue(newFile)!, kubernetes) is not { } @new)
            {
                return ExitCode.BadInput;
            }

            if (space.SpaceOf(result, terminal) is not { } requests)
            {
                return ExitCode.BadInput;
            }

            int exit = ExitCode.Done;
            PolicyReport? report = null;
            if (result.GetValue(replay.Logs) is { Length: > 0 } && (report = replay.Replay(result, [old, @new], null, cancellation, out exit)) is null)
            {
                return exit;
            }

            PolicyDifference difference = PolicyDifference.Of(old, @new, requests);
            if (result.GetValue(output) == "json")
            {
                WriteJson(terminal.Data, difference, report);
                return exit;
            }

            WriteText(terminal.Out, difference);
            if (report is not null)
            {
                terminal.Out.WriteLine();
                PolicyReportText.Write(terminal.Out, report);
            }

            return exit;
        })));
        return command;
    }

    private static void WriteText(TextWriter into, PolicyDifference difference)
    {
        if (difference.Changes.IsEmpty)
        {
            into.WriteLine(difference.IsComplete ? "Both policies answer all requests alike." : "No difference was found; there are too many combinations to look at them all.");
            return;
        }

        foreach (PolicyDifference.Change change in difference.Changes)
        {
            into.WriteLine($"{Describe(change.Old)} -> {Describe(change.New)}");
            foreach (RequestRegion region in change.Regions)
            {
                into.WriteLine($"  {TerminalText.Escape(region.ToString())}");
            }

            into.WriteLine($"  for example {TerminalText.Escape(Describe(change.Witness))}: rule {RuleOf(change.Old)} -> {RuleOf(change.New)}");
        }

        if (!difference.IsComplete)
        {
            into.WriteLine("There may be more: there are too many combinations to look at them all.");
        }
    }

    private static void WriteJson(Stream into, PolicyDifference difference, PolicyReport? report)
    {
        using (Utf8JsonWriter writer = new(into, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteBoolean("complete", difference.IsComplete);
            writer.WriteStartArray("changes");
            foreach (PolicyDifference.Change change in difference.Changes)
            {
                writer.WriteStartObject();
                writer.WritePropertyName("old");
                PolicyAnswerJson.Write(writer, change.Old, change.Witness);
                writer.WritePropertyName("new");
                PolicyAnswerJson.Write(writer, change.New, change.Witness);
                writer.WritePropertyName("witness");
                PolicyAnswerJson.Write(writer, change.Witness);
                writer.WriteStartArray("regions");
                foreach (RequestRegion region in change.Regions)
                {
                    Write(writer, region);
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            if (report is not null)
            {
                writer.WritePropertyName("logs");
                PolicyReportJson.Write(writer, report);
            }

            writer.WriteEndObject();
        }

        into.Write("\n"u8);
    }

    private static void Write(Utf8JsonWriter writer, RequestRegion region)
    {
        writer.WriteStartObject();
        writer.WriteBoolean("resourceRequest", region.IsForResources);
        foreach ((string part, PartValues values) in region.Parts)
        {
            writer.WriteStartObject(part);
            writer.WriteStartArray(values.IsComplement ? "notIn" : "in");
            foreach (string text in values.Texts)
            {
                writer.WriteStringValue(text);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static string Describe(PolicyAnswer answer) => answer.Level
        + (answer.Level == AuditLevel.None || answer.OmitStages == AuditStage.None ? "" : $" without {string.Join(", ", AuditStages.Sorted(answer.OmitStages))}")
        + (answer.Level != AuditLevel.None && answer.OmitManagedFields ? ", managed fields left out" : "");

    private static string RuleOf(PolicyAnswer answer) => answer.Rule < 0 ? "none" : $"rules[{answer.Rule}]";

    private static string Describe(Policy.Requests.RequestAttributes request) =>
        (request.User is { } user ? $"{user.Name} of {string.Join(", ", user.Groups)}" : "nobody (401)")
        + (request.IsResourceRequest
            ? $": {request.Verb} {request.Resource}{(request.Subresource.Length > 0 ? "/" : "")}{request.Subresource} of group \"{request.ApiGroup}\" in namespace \"{request.Namespace}\", name \"{request.Name}\""
            : $": {request.Verb} {request.Path}");
}
