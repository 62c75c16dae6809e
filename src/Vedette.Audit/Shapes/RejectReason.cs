namespace Vedette.Audit.Shapes;

/// <summary>Why a piece of input gave no audit event. The first group is broken or foreign input, the second is known and left aside.</summary>
public enum RejectReason
{
    /// <summary>Neither JSON nor a line of the legacy text format.</summary>
    NotJson,

    /// <summary>JSON that ends too early: a line cut short.</summary>
    Truncated,

    /// <summary>JSON, but neither an audit event nor an envelope of a known provider.</summary>
    NotAnAuditEvent,

    /// <summary>Larger than the reader takes.</summary>
    TooLarge,

    /// <summary>Base64 or compression inside an envelope, or of a file, that does not decode.</summary>
    BadEncoding,

    /// <summary>A record of the cloud that is about something else: another category, service or log stream.</summary>
    OtherLog,

    /// <summary>A provider's message to its receiver without events, such as CloudWatch's CONTROL_MESSAGE.</summary>
    ControlMessage,
}

/// <summary>Names and kinds of reject reasons.</summary>
public static class RejectReasons
{
    /// <summary>The stable name, as statistics and reject files show it.</summary>
    public static string Name(this RejectReason reason) => reason switch
    {
        RejectReason.NotJson => "not-json",
        RejectReason.Truncated => "truncated",
        RejectReason.NotAnAuditEvent => "not-an-audit-event",
        RejectReason.TooLarge => "too-large",
        RejectReason.BadEncoding => "bad-encoding",
        RejectReason.OtherLog => "other-log",
        RejectReason.ControlMessage => "control-message",
        _ => throw new ArgumentOutOfRangeException(nameof(reason)),
    };

    /// <summary>True when the input is as it should be and only not for us.</summary>
    public static bool IsExpected(this RejectReason reason) => reason is RejectReason.OtherLog or RejectReason.ControlMessage;
}
