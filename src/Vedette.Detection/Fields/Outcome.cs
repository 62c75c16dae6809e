using Vedette.Audit.Events;

namespace Vedette.Detection.Fields;

/// <summary>How a request ended.</summary>
internal static class Outcome
{
    /// <summary>True for code 101 or 2xx, false for any other; where no code is known false for decision forbid; else null.</summary>
    public static bool? Succeeded(in EventView view) =>
        Code(view) is { } code ? code is 101 or (>= 200 and <= 299)
        : view[AuditField.Decision].StringEquals("forbid"u8) ? false
        : null;

    /// <summary>The HTTP status code.</summary>
    public static int? Code(in EventView view) =>
        view[AuditField.ResponseCode].TryGetInt64(out long code) && code is > 0 and < 1000 ? (int)code : null;
}
