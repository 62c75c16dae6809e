using Vedette.Audit.Json;

namespace Vedette.Audit.Redaction;

/// <summary>What secrets the bodies of an event can hold.</summary>
[Flags]
internal enum SecretKinds
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Whatever an object in it says by its kind.</summary>
    ByKind = 1,

    /// <summary>Values of a Secret.</summary>
    Secret = 2,

    /// <summary>The token of a TokenRequest or TokenReview.</summary>
    Token = 4,

    /// <summary>A private key where a CertificateSigningRequest should have none.</summary>
    PrivateKey = 8,
}

/// <summary>Decides by few fields what secrets there can be.</summary>
internal static class SecretKindsOf
{
    /// <summary>
    /// Those of the bodies of requests for a resource. Kubernetes' own resources hold what they are and nothing else; those of other API groups may carry manifests of anything, so what is in them
    /// is looked at, and so is what says nothing of its resource.
    /// </summary>
    public static SecretKinds Resource(JsonValue resource, JsonValue group, JsonValue subresource) =>
        resource.Kind != JsonKind.String ? SecretKinds.ByKind
        : resource.StringEquals("secrets"u8) ? SecretKinds.Secret | SecretKinds.ByKind
        : resource.StringEquals("tokenreviews"u8) || resource.StringEquals("tokenrequests"u8) || subresource.StringEquals("token"u8) ? SecretKinds.Token | SecretKinds.ByKind
        : resource.StringEquals("certificatesigningrequests"u8) ? SecretKinds.PrivateKey
        : IsOfKubernetes(group) ? SecretKinds.None
        : SecretKinds.ByKind;

    /// <summary>Those of an object of a kind.</summary>
    public static SecretKinds Kind(JsonValue kind) =>
        kind.Kind != JsonKind.String ? SecretKinds.None
        : Names.Equal(kind, "Secret"u8) || Names.Equal(kind, "SecretList"u8) ? SecretKinds.Secret
        : Names.Equal(kind, "TokenRequest"u8) || Names.Equal(kind, "TokenReview"u8) ? SecretKinds.Token
        : Names.Equal(kind, "CertificateSigningRequest"u8) ? SecretKinds.PrivateKey
        : SecretKinds.None;

    /// <summary>Can the request's URI carry what a client gave to a program or a proxied service?</summary>
    public static bool IsUriOfClient(JsonValue subresource) =>
        subresource.Kind == JsonKind.String && (subresource.StringEquals("exec"u8) || subresource.StringEquals("attach"u8) || subresource.StringEquals("proxy"u8));

    /// <summary>Groups without a dot and those of k8s.io are Kubernetes' own (KEP-2337 reserves *.k8s.io); of x-k8s.io are its add-ons.</summary>
    private static bool IsOfKubernetes(JsonValue group) =>
        group.Kind != JsonKind.String || (!group.IsEscaped && (!group.Raw.Contains((byte)'.') || group.Raw.EndsWith(".k8s.io"u8)));
}
