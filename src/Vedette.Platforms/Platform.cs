using System.Collections.Immutable;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms;

/// <summary>A place where auditing is turned on: what to render for it, and what to verify about it. Each has a folder of its own and a line in <see cref="PlatformCatalogue"/>.</summary>
public abstract class Platform
{
    /// <summary>What people type: <c>kubeadm</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Title of its STEPS.md: <c>kubeadm</c>, <c>Amazon EKS</c>.</summary>
    public abstract string Title { get; }

    /// <summary>First line of its STEPS.md.</summary>
    public virtual string Heading => $"Kubernetes audit logging on {Title}";

    /// <summary>What setup does, at the beginning of its help.</summary>
    public virtual string Purpose => "Turn auditing on";

    /// <summary>One line for the list of platforms.</summary>
    public abstract string Summary { get; }

    /// <summary>Can an audit policy be chosen? Managed clusters have the provider's.</summary>
    public virtual bool HasPolicy => true;

    /// <summary>Names of shared options of <c>vedette setup</c> that mean nothing here, and are not offered: <c>backend</c>.</summary>
    public virtual ImmutableArray<string> Without => [];

    /// <summary>Options of <c>vedette setup NAME</c> beside those that all platforms have.</summary>
    public virtual ImmutableArray<PlatformOption> SetupOptions => [];

    /// <summary>Options of <c>vedette verify NAME</c> beside those that all platforms have.</summary>
    public virtual ImmutableArray<PlatformOption> VerifyOptions => [];

    /// <summary>Command lines for the help of <c>vedette setup NAME</c>, one a line.</summary>
    public virtual string SetupExamples => $"vedette setup {Name} --out audit-setup";

    /// <summary>Command lines for the help of <c>vedette verify NAME</c>, one a line.</summary>
    public virtual string VerifyExamples => $"vedette verify {Name} --setup audit-setup";

    /// <summary>Everything that verification of this platform can say.</summary>
    public abstract ImmutableArray<Check> Checks { get; }

    /// <summary>Renders files and steps. What it cannot do as asked is refused through the output, never half done.</summary>
    /// <exception cref="IOException">An input file cannot be read.</exception>
    public abstract void Setup(SetupRequest request, SetupOutput output);

    /// <summary>Verifies what <c>--setup</c> or the platform's own options name. Unreadable evidence is "cannot tell", never an exception.</summary>
    public abstract void Verify(VerifyRequest request, Verdict verdict);
}
