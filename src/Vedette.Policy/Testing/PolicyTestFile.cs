using System.Collections.Immutable;
using System.Globalization;
using Vedette.Documents;
using Vedette.Documents.Yaml;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;

namespace Vedette.Policy.Testing;

/// <summary>A file of tests: <c>policy</c>, the policy they are about, and <c>tests</c>, a list of maps with name, request and expect; docs/policy-tests.md.</summary>
/// <param name="Policy">Path of the policy as written; null when the file does not say.</param>
/// <param name="Tests">The tests.</param>
public sealed record PolicyTestFile(string? Policy, ImmutableArray<PolicyTest> Tests)
{
    /// <summary>Most tests taken from one file.</summary>
    public const int MaxTests = 10_000;

    /// <summary>Reads a file; what is wrong with it is added to the diagnostics.</summary>
    public static PolicyTestFile Read(string file, string text, ICollection<Diagnostic> diagnostics)
    {
        Reader reader = new(file, diagnostics);
        YamlNode? document = YamlReader.Read(file, text, diagnostics).FirstOrDefault();
        return document is null ? new PolicyTestFile(null, []) : reader.Read(document);
    }

    private sealed class Reader(string file, ICollection<Diagnostic> diagnostics)
    {
        public PolicyTestFile Read(YamlNode document)
        {
            if (document is not YamlMapping map || !map.HasOnly("policy", "tests") || map["tests"] is not YamlSequence list)
            {
                Error(document, "A file of tests is a map with tests, a list, and policy, a path.");
                return new PolicyTestFile(null, []);
            }

            if (list.Items.Length > MaxTests)
            {
                Error(list, $"A file has at most {MaxTests} tests.");
                return new PolicyTestFile(null, []);
            }

            return new PolicyTestFile((map["policy"] as YamlScalar)?.Text, [.. list.Items.Select(ReadTest).OfType<PolicyTest>()]);
        }

        private PolicyTest? ReadTest(YamlNode node)
        {
            if (node is not YamlMapping test || !test.HasOnly("name", "request", "expect") || test["name"] is not YamlScalar name
                || test["request"] is not YamlMapping request || test["expect"] is not YamlMapping expect)
            {
                Error(node, "A test is a map with name, request and expect.");
                return null;
            }

            if (!expect.HasOnly("level", "stages", "rule", "omitManagedFields") || expect.Members.IsEmpty)
            {
                Error(expect, "'expect' is a map with one or more of level, stages, rule, omitManagedFields.");
                return null;
            }

            if (ReadRequest(request) is not var (attributes, stages))
            {
                return null;
            }

            return new PolicyTest(
                name.Text, attributes, stages, ReadLevel(expect["level"]), ReadStages(expect["stages"]), ReadRule(expect["rule"]), ReadSwitch(expect["omitManagedFields"]), node.Line);
        }

        private (RequestAttributes Attributes, AuditStage Stages)? ReadRequest(YamlMapping request)
        {
            RequestUser? user = ReadSwitch(request["authenticated"]) == false ? null
                : ImpliedGroups.UserOf((request["user"] as YamlScalar)?.Text ?? "somebody", request["groups"] is YamlSequence groups ? groups.Items.OfType<YamlScalar>().Select(group => group.Text) : []);
            RequestInfo? info;
            if (request["uri"] is YamlScalar uri)
            {
                if (!request.HasOnly("method", "uri", "user", "groups", "authenticated"))
                {
                    Error(request, "A request by its URI has method, uri, user, groups, authenticated.");
                    return null;
                }

                info = RequestInfo.Parse((request["method"] as YamlScalar)?.Text ?? "GET", uri.Text, out string? problem);
                if (problem is not null)
                {
                    Error(uri, $"kube-apiserver does not understand this URI: {problem}");
                    return null;
                }
            }
            else
            {
                info = ReadParts(request);
            }

            return info is null ? null : (RequestAttributes.Of(info, user), user is null ? RequestStages.OfRefused : RequestStages.Of(info));
        }

        /// <summary>A request by its parts is turned into the URI that has them, so that a test cannot ask for what no request is.</summary>
        private RequestInfo? ReadParts(YamlMapping request)
        {
            if (!request.HasOnly("verb", "group", "resource", "namespace", "name", "user", "groups", "authenticated")
                || request["verb"] is not YamlScalar verb || request["resource"] is not YamlScalar resource)
            {
                Error(request, "A request has method and uri, or verb, resource and where wanted group, namespace, name; and user, groups, authenticated.");
                return null;
            }

            string[] parts = resource.Text.Split('/');
            string group = (request["group"] as YamlScalar)?.Text ?? "";
            string space = (request["namespace"] as YamlScalar)?.Text is { Length: > 0 } named ? $"/namespaces/{Uri.EscapeDataString(named)}" : "";
            string name = (request["name"] as YamlScalar)?.Text is { Length: > 0 } given ? $"/{Uri.EscapeDataString(given)}" : "";
            string rest = parts.Length > 1 ? "/" + parts[1] : "";
            string method = verb.Text switch
            {
                "get" or "list" or "watch" => "GET",
                "create" => "POST",
                "update" => "PUT",
                "patch" => "PATCH",
                "delete" or "deletecollection" => "DELETE",
                _ => "",
            };
            string path = $"{(group.Length == 0 ? "/api/v1" : $"/apis/{group}/v1")}{space}/{parts[0]}{name}{rest}{(verb.Text == "watch" ? "?watch=true" : "")}";
            RequestInfo? info = RequestInfo.Parse(method, path, out _);
            if (info is null || info.Verb != verb.Text)
            {
                Error(
                    verb, $"No request has the verb '{verb.Text}' and these parts.",
                    verb.Text is "get" or "update" or "patch" or "delete" || rest.Length > 0 ? "Requests for one object need 'name'." : "Requests for a collection have no 'name'; verbs are get, list, watch, create, update, patch, delete, deletecollection.");
                return null;
            }

            return info;
        }

        private AuditLevel? ReadLevel(YamlNode? node)
        {
            if (node is null)
            {
                return null;
            }

            if (node is YamlScalar scalar && Enum.GetNames<AuditLevel>().Contains(scalar.Text, StringComparer.Ordinal))
            {
                return Enum.Parse<AuditLevel>(scalar.Text);
            }

            Error(node, "'level' is None, Metadata, Request or RequestResponse.");
            return null;
        }

        private AuditStage? ReadStages(YamlNode? node)
        {
            if (node is null)
            {
                return null;
            }

            AuditStage stages = AuditStage.None;
            foreach (YamlNode item in node is YamlSequence list ? list.Items : [node])
            {
                AuditStage stage = AuditStages.Named((item as YamlScalar)?.Text ?? "");
                if (stage == AuditStage.None)
                {
                    Error(item, "'stages' is a list of RequestReceived, ResponseStarted, ResponseComplete, Panic; [] for none.");
                }

                stages |= stage;
            }

            return stages;
        }

        private int? ReadRule(YamlNode? node)
        {
            switch (node)
            {
                case null:
                    return null;
                case YamlScalar { Text: "none" }:
                    return -1;
                case YamlScalar scalar when int.TryParse(scalar.Text, NumberStyles.None, CultureInfo.InvariantCulture, out int rule):
                    return rule;
                default:
                    Error(node, "'rule' is the place of a rule, from 0, or none.");
                    return null;
            }
        }

        private bool? ReadSwitch(YamlNode? node)
        {
            if (node is null)
            {
                return null;
            }

            if (node is YamlScalar scalar && YamlTyping.TypeOf(scalar, out bool truth, out _, out _) == YamlType.Boolean)
            {
                return truth;
            }

            Error(node, "This is true or false.");
            return null;
        }

        private void Error(YamlNode at, string message, string? help = null) => diagnostics.Add(new Diagnostic("VP3001", DiagnosticSeverity.Error, file, at.Line, at.Column, message, help));
    }
}
