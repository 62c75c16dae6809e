namespace Vedette.Detection.Rules;

/// <summary>Sigma's levels, in order; also the levels of findings.</summary>
public enum RuleLevel
{
    /// <summary>The rule names no level.</summary>
    Unset = 0,

    /// <summary>informational.</summary>
    Informational,

    /// <summary>low.</summary>
    Low,

    /// <summary>medium.</summary>
    Medium,

    /// <summary>high.</summary>
    High,

    /// <summary>critical.</summary>
    Critical,
}
