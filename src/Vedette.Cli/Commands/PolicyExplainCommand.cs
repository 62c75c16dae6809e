using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Vedette.Audit.Events;
using Vedette.Cli.Output;
using Vedette.Pipeline.Scanning;
using Vedette.Policy.Evaluation;
using Vedette.Policy.Explaining;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;
using Vedette.Policy.Simulation;
using Vedette.Sources.Files;

namespace Vedette.Cli.Commands;

/// <summary><c>vedette policy explain</c>: which rule decides about a request, why each earlier one does not, what is written.</summary>
internal sealed class PolicyExplainCommand
{
    private static readonly JsonWriterOptions s_line = new() { Encoder = JavaScriptEncoder.Default };

    private readonly Argument<string> _policy = PolicyCommand.PolicyArgument();
    private readonly Option<string?> _event = new("--event") { Description = "Explain the events of this log (any shape); - for standard input.", HelpName = "FILE" };
    private readonly Option<string?> _requests = new("--requests")
    {
        Description = "Explain many: JSON lines {\"attributes\":{…}} or {\"method\",\"requestURI\",\"user\":{\"name\",\"groups\"}}; - for standard input.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _user = new("--user") { Description = "Authenticated user; without it the request has none (401).", HelpName = "NAME" };
    private readonly Option<string[]> _groups = new("--group") { Description = "A group of the user; may be given again. Without it those that Kubernetes gives by itself.", HelpName = "NAME" };
    private readonly Option<string?> _verb = new("--verb") { Description = "Verb: get, list, watch, create, update, patch, delete, deletecollection; a method in lower case for --uri outside the API.", HelpName = "VERB" };
    private readonly Option<string?> _resource = new("--resource") { Description = "Resource in the plural, or RESOURCE/SUBRESOURCE.", HelpName = "NAME" };
    private readonly Option<string?> _subresource = new("--subresource") { Description = "Subresource.", HelpName = "NAME" };
    private readonly Option<string?> _namespace = new("--namespace", "-n") { Description = "Namespace in the request's path.", HelpName = "NAME" };
    private readonly Option<string?> _name = new("--name") { Description = "Name in the request's path; a create has none.", HelpName = "NAME" };
    private readonly Option<string?> _group = new("--api-group") { Description = "API group; empty for the core group.", HelpName = "NAME" };
    private readonly Option<string?> _method = new("--method") { Description = "HTTP method, with --uri.", HelpName = "METHOD" };
    private readonly Option<string?> _uri = new("--uri") { Description = "Request URI, with --method or --verb.", HelpName = "URI" };
    private readonly Option<string> _version = PolicyCommand.KubernetesVersionOption();
    private readonly Option<string> _output = new("--output", "-o") { Description = "text or json.", DefaultValueFactory = _ => "text", HelpName = "FORMAT" };
    private readonly Terminal _terminal;

    private PolicyExplainCommand(Terminal terminal) => _terminal = terminal;

    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal)
    {
        PolicyExplainCommand explain = new(terminal);
        explain._output.AcceptOnlyFromAmong("text", "json");
        Command command = new ExampleCommand(
            "explain",
            "Say which rule of a policy decides about a request, why each earlier rule does not match, and what is written at which stage.",
            """
            vedette policy explain policy.yaml --user alice --verb get --resource secrets --namespace dev --name db
            vedette policy explain policy.yaml --user alice --method GET --uri '/api/v1/namespaces/dev/pods/web-0/log?follow=true'
            vedette policy explain policy.yaml --event audit.log
            vedette policy explain policy.yaml --requests requests.jsonl -o json
            """)
        {
            explain._policy, explain._event, explain._requests, explain._user, explain._groups, explain._verb, explain._resource, explain._subresource, explain._namespace, explain._name,
            explain._group, explain._method, explain._uri, explain._version, explain._output,
        };
        command.SetAction((result, cancellation) => Task.FromResult(PolicyCommand.WithFiles(terminal, () => explain.Run(result, cancellation))));
        return command;
    }

    private int Run(ParseResult arguments, CancellationToken cancellation)
    {
        if (PolicyCommand.Load(_terminal, arguments.GetValue(_policy)!, PolicyCommand.VersionOf(arguments, _version)) is not { } policy)
        {
            return ExitCode.BadInput;
        }

        bool asJson = arguments.GetValue(_output) == "json";
        if (arguments.GetValue(_requests) is { } requests)
        {
            return ExplainMany(policy, requests, asJson, cancellation);
        }

        return arguments.GetValue(_event) is { } log ? ExplainEvents(policy, log, asJson, cancellation) : ExplainOne(policy, arguments, asJson);
    }

    private int ExplainOne(AuditPolicy policy, ParseResult arguments, bool asJson)
    {
        RequestUser? user = arguments.GetValue(_user) is { } name
            ? new RequestUser(name, arguments.GetValue(_groups) is { Length: > 0 } groups ? [.. groups] : ImpliedGroups.Of(name)) : null;
        string? verb = arguments.GetValue(_verb);
        RequestAttributes request;
        AuditStage stages;
        if (arguments.GetValue(_uri) is { } uri)
        {
            string? error = null;
            RequestInfo info = arguments.GetValue(_method) is { } method ? RequestInfo.Parse(method, uri, out error)
                : verb is not null ? RequestInfo.OfEvent(verb, uri) : RequestInfo.Parse("GET", uri, out error);
            if (error is not null)
            {
                return CommandLine.Fail(_terminal, ExitCode.BadInput, $"kube-apiserver answers this request with an error before auditing, so no policy sees it: {error}");
            }

            request = RequestAttributes.Of(info, user);
            stages = RequestStages.Of(info);
        }
        else if (arguments.GetValue(_resource) is { } resource && verb is not null)
        {
            string[] parts = resource.Split('/', 2);
            string subresource = arguments.GetValue(_subresource) ?? (parts.Length == 2 ? parts[1] : "");
            request = new RequestAttributes
            {
                User = user,
                Verb = verb,
                Namespace = arguments.GetValue(_namespace) ?? "",
                ApiGroup = arguments.GetValue(_group) ?? "",
                Resource = parts[0],
                Subresource = subresource,
                Name = arguments.GetValue(_name) ?? "",
                IsResourceRequest = true,
            };
            stages = RequestStages.Of(request);
        }
        else
        {
            return CommandLine.Fail(_terminal, ExitCode.WrongUse, "name a request: --verb and --resource, or --method and --uri, or --event, or --requests; see 'vedette policy explain --help'");
        }

        Explain(policy, request, user is null ? RequestStages.OfRefused : stages, asJson);
        return ExitCode.Done;
    }

    private int ExplainEvents(AuditPolicy policy, string log, bool asJson, CancellationToken cancellation)
    {
        EventAttributes attributes = new();
        InputStatistics read = EventInputs.Read(LogInputs.Find([log]).First(), new ScanOptions { StandardInput = Terminal.Input }, OnEvent, null, cancellation);
        return InputOptions.Judge(_terminal, new ScanStatistics { Inputs = [read], Rejects = read.Rejects, Rules = [] });

        void OnEvent(in EventView view)
        {
            RequestAttributes request = attributes.RequestOf(view) with { User = attributes.UserOf(view) };
            Explain(policy, request, request.User is null ? RequestStages.OfRefused : RequestStages.Of(request), asJson);
        }
    }

    private int ExplainMany(AuditPolicy policy, string path, bool asJson, CancellationToken cancellation)
    {
        CompiledPolicy compiled = CompiledPolicy.Compile(policy);
        using Stream stream = path == "-" ? Terminal.Input() : File.OpenRead(path);
        using StreamReader lines = new(stream);
        using Utf8JsonWriter writer = new(_terminal.Data, s_line);
        int answered = 0;
        for (int number = 1; lines.ReadLine() is { } line; number++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            bool isRequest = PolicyRequests.TryRead(System.Text.Encoding.UTF8.GetBytes(line), out RequestAttributes request, out string? error);
            answered += isRequest ? 1 : 0;
            if (!asJson)
            {
                if (isRequest)
                {
                    Explain(policy, request, request.User is null ? RequestStages.OfRefused : RequestStages.Of(request), asJson: false);
                }
                else
                {
                    _terminal.Error.WriteLine($"vedette: {path}:{number}: {error}");
                }

                continue;
            }

            if (isRequest)
            {
                PolicyAnswerJson.Write(writer, compiled.Evaluate(request), request);
            }
            else
            {
                writer.WriteStartObject();
                writer.WriteString("error", error);
                writer.WriteEndObject();
            }

            EndLine(writer);
        }

        return answered > 0 ? ExitCode.Done : CommandLine.Fail(_terminal, ExitCode.BadInput, $"{path}: no request in it");
    }

    private void Explain(AuditPolicy policy, RequestAttributes request, AuditStage stages, bool asJson)
    {
        PolicyExplanation explanation = PolicyExplanation.Of(policy, request);
        if (asJson)
        {
            using Utf8JsonWriter writer = new(_terminal.Data, s_line);
            PolicyAnswerJson.Write(writer, explanation, request, stages);
            EndLine(writer);
            return;
        }

        PolicyExplanationText.Write(_terminal.Out, policy, explanation, request, stages);
    }

    private void EndLine(Utf8JsonWriter writer)
    {
        writer.Flush();
        _terminal.Data.Write("\n"u8);
        writer.Reset();
    }
}
