using Vedette.Sinks.Routing;

namespace Vedette.Sinks.StandardOutput;

/// <summary>The program's standard output, for whatever collects it.</summary>
public sealed record StandardOutputSettings : SinkSettings
{
    /// <inheritdoc />
    public override string Kind => "stdout";

    /// <inheritdoc />
    public override string Address => "standard output";
}
