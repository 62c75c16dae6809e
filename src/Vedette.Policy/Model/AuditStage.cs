namespace Vedette.Policy.Model;

/// <summary>Stages of a request, as a set (apis/audit/v1, Stage). Kubernetes' own order; names in order of the alphabet come from <see cref="AuditStages.Sorted"/>.</summary>
[Flags]
public enum AuditStage
{
    /// <summary>No stage.</summary>
    None = 0,

    /// <summary>The request has come in, its body not read.</summary>
    RequestReceived = 1,

    /// <summary>Headers are sent, the body is not: long-running requests, and those refused before the handlers.</summary>
    ResponseStarted = 2,

    /// <summary>The response is sent.</summary>
    ResponseComplete = 4,

    /// <summary>A handler has panicked.</summary>
    Panic = 8,
}

/// <summary>Names of stages.</summary>
public static class AuditStages
{
    private static readonly (string Name, AuditStage Stage)[] s_sorted =
    [
        ("Panic", AuditStage.Panic), ("RequestReceived", AuditStage.RequestReceived), ("ResponseComplete", AuditStage.ResponseComplete), ("ResponseStarted", AuditStage.ResponseStarted),
    ];

    /// <summary>The names of the stages in a set, in order of the alphabet.</summary>
    public static IEnumerable<string> Sorted(AuditStage stages) => s_sorted.Where(entry => (stages & entry.Stage) != AuditStage.None).Select(entry => entry.Name);

    /// <summary>The stage of exactly this name; none when there is no such stage.</summary>
    public static AuditStage Named(ReadOnlySpan<char> name)
    {
        foreach ((string known, AuditStage stage) in s_sorted)
        {
            if (name.SequenceEqual(known))
            {
                return stage;
            }
        }

        return AuditStage.None;
    }
}
