namespace Vedette.Policy.Model;

/// <summary>How much of a request is recorded (apis/audit/v1, Level). Each holds all of the one before it.</summary>
public enum AuditLevel
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Everything but bodies.</summary>
    Metadata,

    /// <summary>And the request's body.</summary>
    Request,

    /// <summary>And the response's body.</summary>
    RequestResponse,
}
