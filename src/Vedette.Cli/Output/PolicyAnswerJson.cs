using System.Text.Json;
using Vedette.Policy.Evaluation;
using Vedette.Policy.Explaining;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;

namespace Vedette.Cli.Output;

/// <summary>Answers of policies as JSON (docs/policy.md, "As JSON").</summary>
internal static class PolicyAnswerJson
{
    /// <summary>Level, rule, omitted stages, managed fields, and what they are the answer to.</summary>
    public static void Write(Utf8JsonWriter writer, PolicyAnswer answer, RequestAttributes request)
    {
        writer.WriteStartObject();
        WriteMembers(writer, answer, request);
        writer.WriteEndObject();
    }

    /// <summary>The same, with the stages written and why earlier rules do not match.</summary>
    public static void Write(Utf8JsonWriter writer, PolicyExplanation explanation, RequestAttributes request, AuditStage stages)
    {
        writer.WriteStartObject();
        WriteMembers(writer, explanation.Answer, request);
        writer.WriteStartArray("writtenStages");
        foreach (string stage in AuditStages.Sorted(explanation.Answer.Written(stages)))
        {
            writer.WriteStringValue(stage);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("earlier");
        foreach (RuleMiss miss in explanation.Earlier)
        {
            writer.WriteStartObject();
            writer.WriteNumber("rule", miss.Rule.Index);
            writer.WriteNumber("line", miss.Rule.Line);
            writer.WriteString("reason", miss.Reason);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteMembers(Utf8JsonWriter writer, PolicyAnswer answer, RequestAttributes request)
    {
        writer.WriteString("level", answer.Level.ToString());
        if (answer.Rule < 0)
        {
            writer.WriteNull("rule");
        }
        else
        {
            writer.WriteNumber("rule", answer.Rule);
        }

        writer.WriteStartArray("omitStages");
        foreach (string stage in AuditStages.Sorted(answer.OmitStages))
        {
            writer.WriteStringValue(stage);
        }

        writer.WriteEndArray();
        writer.WriteBoolean("omitManagedFields", answer.OmitManagedFields);
        writer.WritePropertyName("attributes");
        Write(writer, request);
    }

    /// <summary>What rules see of a request.</summary>
    public static void Write(Utf8JsonWriter writer, RequestAttributes request)
    {
        writer.WriteStartObject();
        if (request.User is { } user)
        {
            writer.WriteStartObject("user");
            writer.WriteString("name", user.Name);
            writer.WriteStartArray("groups");
            foreach (string group in user.Groups)
            {
                writer.WriteStringValue(group);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNull("user");
        }

        writer.WriteString("verb", request.Verb);
        writer.WriteString("namespace", request.Namespace);
        writer.WriteString("apiGroup", request.ApiGroup);
        writer.WriteString("apiVersion", request.ApiVersion);
        writer.WriteString("resource", request.Resource);
        writer.WriteString("subresource", request.Subresource);
        writer.WriteString("name", request.Name);
        writer.WriteBoolean("resourceRequest", request.IsResourceRequest);
        writer.WriteString("path", request.Path);
        writer.WriteEndObject();
    }
}
