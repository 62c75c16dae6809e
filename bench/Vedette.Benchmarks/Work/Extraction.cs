using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Benchmarks.Work;

/// <summary>The 25 fields of the comparison, read through the product's decoder. The sum of the lengths of all values, escapes resolved, proves that all readers did the same work.</summary>
internal sealed class Extraction
{
    /// <summary>The fields that the decoder is asked for.</summary>
    public static FieldSet Wanted { get; } = FieldSet.Of(
        AuditField.AuditId, AuditField.Stage, AuditField.Level, AuditField.Verb, AuditField.UserName, AuditField.UserGroups, AuditField.UserExtra,
        AuditField.ImpersonatedUserName, AuditField.SourceIps, AuditField.UserAgent, AuditField.ObjectResource, AuditField.ObjectNamespace, AuditField.ObjectName,
        AuditField.ObjectApiGroup, AuditField.ObjectApiVersion, AuditField.ObjectSubresource, AuditField.ResponseCode, AuditField.RequestUri,
        AuditField.RequestReceivedTimestamp, AuditField.StageTimestamp, AuditField.Decision, AuditField.DecisionReason, AuditField.RequestObject);

    private byte[] _scratch = new byte[4096];

    /// <summary>Reads all fields of an event.</summary>
    /// <returns>The sum of the lengths.</returns>
    public long Sum(in EventView view)
    {
        long sum = Text(view, AuditField.AuditId) + Text(view, AuditField.Stage) + Text(view, AuditField.Level) + Text(view, AuditField.Verb)
            + Text(view, AuditField.UserName) + Texts(view[AuditField.UserGroups]) + Text(view, AuditField.ImpersonatedUserName) + Texts(view[AuditField.SourceIps])
            + Text(view, AuditField.UserAgent) + Text(view, AuditField.ObjectResource) + Text(view, AuditField.ObjectNamespace) + Text(view, AuditField.ObjectName)
            + Text(view, AuditField.ObjectApiGroup) + Text(view, AuditField.ObjectApiVersion) + Text(view, AuditField.ObjectSubresource)
            + Text(view, AuditField.RequestUri) + Text(view, AuditField.RequestReceivedTimestamp) + Text(view, AuditField.StageTimestamp)
            + Text(view, AuditField.Decision) + Text(view, AuditField.DecisionReason);
        foreach (JsonMember member in view[AuditField.UserExtra].Members())
        {
            sum += Texts(member.Value);
        }

        if (view[AuditField.ResponseCode].TryGetInt64(out long code))
        {
            sum += code;
        }

        JsonValue request = view[AuditField.RequestObject];
        return request.Kind == JsonKind.Object ? sum + Request(request) : sum;
    }

    private long Request(JsonValue request)
    {
        long sum = 0;
        foreach (JsonMember member in request.Members())
        {
            if (member.NameEquals("spec"u8))
            {
                sum += Spec(member.Value, mayHaveTemplate: true);
            }
            else if (member.NameEquals("roleRef"u8))
            {
                sum += Text(member.Value.Member("name"u8));
            }
            else if (member.NameEquals("subjects"u8))
            {
                foreach (JsonValue subject in member.Value.Elements())
                {
                    sum += Text(subject.Member("name"u8));
                }
            }
        }

        return sum;
    }

    private long Spec(JsonValue spec, bool mayHaveTemplate)
    {
        long sum = 0;
        foreach (JsonMember member in spec.Members())
        {
            if (member.NameEquals("containers"u8) || member.NameEquals("initContainers"u8))
            {
                foreach (JsonValue container in member.Value.Elements())
                {
                    sum += Container(container);
                }
            }
            else if (member.NameEquals("hostNetwork"u8))
            {
                sum += Flag(member.Value);
            }
            else if (member.NameEquals("volumes"u8))
            {
                foreach (JsonValue volume in member.Value.Elements())
                {
                    sum += Text(volume.Member("hostPath"u8, "path"u8));
                }
            }
            else if (mayHaveTemplate && member.NameEquals("template"u8))
            {
                sum += Spec(member.Value.Member("spec"u8), mayHaveTemplate: false);
            }
        }

        return sum;
    }

    private long Container(JsonValue container)
    {
        long sum = 0;
        foreach (JsonMember member in container.Members())
        {
            if (member.NameEquals("image"u8))
            {
                sum += Text(member.Value);
            }
            else if (member.NameEquals("securityContext"u8))
            {
                sum += Flag(member.Value.Member("privileged"u8));
            }
        }

        return sum;
    }

    private long Texts(JsonValue array)
    {
        long sum = 0;
        foreach (JsonValue element in array.Elements())
        {
            sum += Text(element);
        }

        return sum;
    }

    private long Text(in EventView view, AuditField field)
    {
        JsonRange range = view.RangeOf(field);
        return range.Kind != JsonKind.String ? 0 : range.IsEscaped ? Text(view[field]) : range.Length;
    }

    private long Text(JsonValue value)
    {
        if (value.Kind != JsonKind.String)
        {
            return 0;
        }

        if (!value.IsEscaped)
        {
            return value.Raw.Length;
        }

        if (_scratch.Length < value.Raw.Length)
        {
            _scratch = new byte[value.Raw.Length * 2];
        }

        return JsonText.Unescape(value.Raw, _scratch);
    }

    private static long Flag(JsonValue value) => value.Kind == JsonKind.True ? 1 : 0;
}
