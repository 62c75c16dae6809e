using System.Collections.Immutable;

namespace Vedette.Detection.Rules;

/// <summary>The language a rule was written in.</summary>
public enum RuleDialect
{
    /// <summary>Sigma (specification 2.1.0).</summary>
    Sigma,

    /// <summary>Falco k8s_audit.</summary>
    Falco,
}

/// <summary>
/// One detection rule in the form all dialects share: what it is about and the condition that makes it fire. Immutable; front ends make it, the engine runs it.
/// </summary>
public sealed record DetectionRule
{
    /// <summary>Stable identity: the rule's UUID, else its name, else its title.</summary>
    public required string Id { get; init; }

    /// <summary>Sigma's <c>name</c>, by which correlations and filters refer to it.</summary>
    public string? Name { get; init; }

    /// <summary>What a person reads first.</summary>
    public required string Title { get; init; }

    /// <summary>Language of origin.</summary>
    public RuleDialect Dialect { get; init; }

    /// <summary>How bad it is when it fires.</summary>
    public RuleLevel Level { get; init; }

    /// <summary>stable, test, experimental, deprecated or unsupported; null when not said.</summary>
    public string? Status { get; init; }

    /// <summary>Longer text.</summary>
    public string? Description { get; init; }

    /// <summary>Who wrote it; must be shown with findings of third-party rules (DRL 1.1).</summary>
    public string? Author { get; init; }

    /// <summary>Tags such as <c>attack.t1609</c>.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>Where to read more.</summary>
    public ImmutableArray<string> References { get; init; } = [];

    /// <summary>Known benign causes.</summary>
    public ImmutableArray<string> FalsePositives { get; init; } = [];

    /// <summary>What to look at next when it fired; custom attribute <c>vedette.next_steps</c>.</summary>
    public ImmutableArray<string> NextSteps { get; init; } = [];

    /// <summary>Ids of the behaviours it is for, such as <c>PE01</c>, in docs/detections.md; custom attribute <c>vedette.behaviours</c>.</summary>
    public ImmutableArray<string> Behaviours { get; init; } = [];

    /// <summary>When it fires on first-seen values only; else null.</summary>
    public NewTerms? NewTerms { get; init; }

    /// <summary>How repeated findings are folded into one; null: one finding a request.</summary>
    public Suppression? Suppression { get; init; }

    /// <summary>Fields the author wants shown with a finding.</summary>
    public ImmutableArray<string> Fields { get; init; } = [];

    /// <summary>The stream the rule is for.</summary>
    public LogSource LogSource { get; init; } = LogSource.Any;

    /// <summary>When it fires, its <see cref="Filters"/> apart.</summary>
    public required Condition Condition { get; init; }

    /// <summary>Exclusions from documents of their own; the rule fires only where the condition of each holds too.</summary>
    public ImmutableArray<RuleFilter> Filters { get; init; } = [];

    /// <summary>Where the tests of <see cref="Condition"/> stand.</summary>
    public ConditionPlaces Places { get; init; } = ConditionPlaces.None;

    /// <summary>File it was read from.</summary>
    public string File { get; init; } = "";

    /// <summary>Line of its document in <see cref="File"/>, from 1.</summary>
    public int Line { get; init; }
}

/// <summary>Sigma's logsource: what stream of events a rule is for. Null means the rule does not say.</summary>
/// <param name="Category">Kind of program.</param>
/// <param name="Product">Product, such as kubernetes.</param>
/// <param name="Service">Service, such as audit.</param>
public sealed record LogSource(string? Category, string? Product, string? Service)
{
    /// <summary>Says nothing.</summary>
    public static LogSource Any { get; } = new(null, null, null);

    /// <summary>True for rules about the Kubernetes audit stream: product kubernetes; service audit or none; category application or none.</summary>
    public bool IsKubernetesAudit =>
        Product == "kubernetes" && Service is null or "audit" && Category is null or "application";

    /// <summary>True when every attribute set here equals that of the other one (how Sigma filters choose rules).</summary>
    public bool Contains(LogSource other) =>
        (Category is null || Category == other.Category)
        && (Product is null || Product == other.Product)
        && (Service is null || Service == other.Service);
}
