namespace Vedette.Sinks.Routing;

/// <summary>Somebody to tell, as the settings say it.</summary>
/// <param name="Name">Its name, by which routes and its cursor know it.</param>
/// <param name="Sink">What it is.</param>
public sealed record ReceiverSettings(string Name, SinkSettings Sink)
{
    /// <summary>Longest name.</summary>
    public const int MaxNameLength = 64;

    /// <summary>Is a receiver that is new told everything stored, or only what comes from now on?</summary>
    public bool FromStart { get; init; }

    /// <summary>Is it told again when the count of a finding rises?</summary>
    public bool Updates { get; init; } = true;
}

/// <summary>How to reach a receiver; one kind for each folder of this room. Two that are equal can stand for each other.</summary>
public abstract record SinkSettings
{
    /// <summary>Its kind, as the settings file calls it.</summary>
    public abstract string Kind { get; }

    /// <summary>Where it is, for people: without paths and credentials.</summary>
    public abstract string Address { get; }

    /// <summary>Is it told findings?</summary>
    public virtual bool TakesFindings => true;

    /// <summary>Should updates of findings be told when nothing is said about it?</summary>
    public virtual bool WantsUpdates => true;
}
