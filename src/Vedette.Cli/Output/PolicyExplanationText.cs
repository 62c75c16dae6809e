using Vedette.Policy.Explaining;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;

namespace Vedette.Cli.Output;

/// <summary>An explanation for people.</summary>
internal static class PolicyExplanationText
{
    /// <summary>Prints it.</summary>
    public static void Write(TextWriter into, AuditPolicy policy, PolicyExplanation explanation, RequestAttributes request, AuditStage stages)
    {
        AuditLevel level = explanation.Answer.Level;
        into.WriteLine(explanation.Rule is { } rule
            ? $"{policy.File}:{rule.Line}: rules[{rule.Index}] decides: level {level}"
            : $"{policy.File}: no rule matches: level {level}");
        Line(into, "request", Describe(request));
        Line(into, "user", request.User is { } user ? $"{user.Name} ({string.Join(", ", user.Groups)})" : "none: authentication failed, or the request was refused before it");
        AuditStage written = explanation.Answer.Written(stages);
        Line(into, "written", written == AuditStage.None ? "nothing" : string.Join(", ", AuditStages.Sorted(written)));
        if (level != AuditLevel.None)
        {
            AuditStage omitted = stages & explanation.Answer.OmitStages;
            if (omitted != AuditStage.None)
            {
                Line(into, "omitted", string.Join(", ", AuditStages.Sorted(omitted)));
            }

            if (written != AuditStage.None)
            {
                Line(into, "fields", PolicyExplanation.ContentOf(level, explanation.Answer.OmitManagedFields));
                if (written == AuditStage.RequestReceived)
                {
                    Line(into, "", "of these RequestReceived has neither result nor bodies");
                }
            }
        }

        foreach (RuleMiss miss in explanation.Earlier)
        {
            Line(into, $"not [{miss.Rule.Index}]", $"line {miss.Rule.Line}: {miss.Reason}");
        }

        into.WriteLine();
    }

    private static void Line(TextWriter into, string name, string text) => into.WriteLine($"  {name,-10}{TerminalText.Escape(text)}");

    private static string Describe(RequestAttributes request)
    {
        if (!request.IsResourceRequest)
        {
            return $"{request.Verb} {request.Path}";
        }

        string resource = request.Subresource.Length == 0 ? request.Resource : $"{request.Resource}/{request.Subresource}";
        string group = request.ApiGroup.Length == 0 ? "core group" : $"group {request.ApiGroup}";
        string place = request.Namespace.Length == 0 ? "no namespace" : $"namespace {request.Namespace}";
        return $"{request.Verb} {resource} ({group}), {place}, {(request.Name.Length == 0 ? "no name" : $"name {request.Name}")}";
    }
}
