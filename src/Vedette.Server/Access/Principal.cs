using System.Collections.Immutable;

namespace Vedette.Server.Access;

/// <summary>Who makes a request.</summary>
/// <param name="Name">Name, for Vedette's own audit log.</param>
/// <param name="Role">What it may do.</param>
/// <param name="Clusters">The clusters it may send for or see; empty for all.</param>
public sealed record Principal(string Name, Role Role, ImmutableArray<string> Clusters)
{
    /// <summary>Somebody without credentials, where none are asked for.</summary>
    public static Principal Anonymous(Role role) => new("anonymous", role, []);

    /// <summary>May it see or send for this cluster?</summary>
    public bool Sees(string cluster) => Clusters.IsEmpty || Clusters.Contains(cluster, StringComparer.Ordinal);

    /// <summary>May it send events?</summary>
    public bool Sends => Role is Role.Sender or Role.Admin;

    /// <summary>May it do what this role may?</summary>
    public bool Is(Role least) => Role >= least;
}
