using Vedette.Audit.Events;
using Vedette.Detection.Fields;

namespace Vedette.Detection.Engine;

/// <summary>Which body a field is read from.</summary>
internal static class BodyNeedsOf
{
    /// <summary>The body that the field at a path comes from.</summary>
    public static BodyNeeds Path(string path) => Path(FieldPath.Parse(path));

    /// <summary>The body that the field at a path comes from.</summary>
    public static BodyNeeds Path(FieldPath path) => path switch
    {
        { Derived: { } derived } when DerivedFields.NeedsRequestBody(derived) => BodyNeeds.Request,
        { Field: AuditField.RequestObject } => BodyNeeds.Request,
        { Field: AuditField.ResponseObject } => BodyNeeds.Response,
        _ => BodyNeeds.None,
    };
}
