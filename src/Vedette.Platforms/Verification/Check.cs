namespace Vedette.Platforms.Verification;

/// <summary>One thing that verification looks at. docs/verify.md lists all.</summary>
/// <param name="Id">
/// Stable id, also the SARIF rule id. By their first digit: <c>VC1</c> kube-apiserver, <c>VC2</c> Kubespray, <c>VC3</c> EKS, <c>VC4</c> GKE, <c>VC5</c> AKS, <c>VC6</c> Falco, <c>VC7</c> shippers,
/// <c>VC8</c> retention and residency.
/// </param>
/// <param name="Title">What holds when it is well: "An audit policy is given".</param>
public sealed record Check(string Id, string Title);
