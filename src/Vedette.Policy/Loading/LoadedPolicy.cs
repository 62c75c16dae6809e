using System.Collections.Immutable;
using Vedette.Documents;
using Vedette.Policy.Model;

namespace Vedette.Policy.Loading;

/// <summary>What kube-apiserver makes of a policy file.</summary>
/// <param name="Policy">The policy; null when kube-apiserver refuses the file and does not start.</param>
/// <param name="LoadError">Kubernetes' own error; null when it loads.</param>
/// <param name="StrictError">Kubernetes' own warning about what it drops (its strict decoder's error); null when there is nothing to warn of.</param>
/// <param name="Diagnostics">The same for the author of the file: each with place, consequence and mend.</param>
public sealed record LoadedPolicy(AuditPolicy? Policy, string? LoadError, string? StrictError, ImmutableArray<Diagnostic> Diagnostics);
