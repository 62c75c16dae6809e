namespace Vedette.Server.Access;

/// <summary>What somebody may do. Each may do what those before it may, except that only senders of a cluster and administrators send.</summary>
public enum Role
{
    /// <summary>May send events of its cluster, and nothing else.</summary>
    Sender,

    /// <summary>May look at findings, status and metrics.</summary>
    Viewer,

    /// <summary>May look at events, too.</summary>
    Analyst,

    /// <summary>May do everything.</summary>
    Admin,
}
