using System.Collections.Frozen;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Sigma;

/// <summary>A visible step that turns the short field names of some rules into fields of the audit event.</summary>
public sealed class FieldMapping
{
    private readonly FrozenDictionary<string, string> _names;
    private readonly FrozenSet<string> _emptyMeansAnything;

    private FieldMapping(Dictionary<string, string> names, string[] emptyMeansAnything)
    {
        _names = names.ToFrozenDictionary(StringComparer.Ordinal);
        _emptyMeansAnything = emptyMeansAnything.ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>Names stay as they are.</summary>
    public static FieldMapping None { get; } = new([], []);

    /// <summary>
    /// The short names that SigmaHQ's Kubernetes rules took over from Leonidas, mapped as Leonidas' own Sigma pipeline does (WithSecureLabs/leonidas): none of them is a
    /// field of an audit event, so nothing else can be meant.
    /// </summary>
    public static FieldMapping Shorthand { get; } = new(
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["apiGroup"] = "objectRef.apiGroup",
            ["resource"] = "objectRef.resource",
            ["subresource"] = "objectRef.subresource",
            ["namespace"] = "objectRef.namespace",
            ["capabilities"] = "requestObject.spec.containers.securityContext.capabilities.add",
            ["hostPath"] = "requestObject.spec.volumes.hostPath",
        },
        ["apiGroup", "subresource"]);

    /// <summary>The field to use for this name.</summary>
    public string Map(string name) => _names.GetValueOrDefault(name, name);

    /// <summary>True when this name with the empty text as its only value is to be left out: Leonidas writes so for "not given".</summary>
    public bool Drops(string name, ValueTest test) =>
        _emptyMeansAnything.Contains(name) && test is ValueTest.Text { Pattern.Parts.IsEmpty: true };
}
