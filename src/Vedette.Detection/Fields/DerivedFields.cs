using System.Collections.Frozen;
using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Detection.Fields;

/// <summary>Computes derived fields; docs/fields.md is the contract.</summary>
internal static class DerivedFields
{
    private static readonly FrozenDictionary<string, DerivedField> s_byPath = new Dictionary<string, DerivedField>(StringComparer.Ordinal)
    {
        ["vedette.operation"] = DerivedField.Operation,
        ["vedette.resource"] = DerivedField.Resource,
        ["vedette.actor"] = DerivedField.Actor,
        ["vedette.actor.groups"] = DerivedField.ActorGroups,
        ["vedette.actor.kind"] = DerivedField.ActorKind,
        ["vedette.actor.namespace"] = DerivedField.ActorNamespace,
        ["vedette.impersonated"] = DerivedField.Impersonated,
        ["vedette.source.ip"] = DerivedField.SourceIp,
        ["vedette.source.network"] = DerivedField.SourceNetwork,
        ["vedette.source.isPublic"] = DerivedField.SourceIsPublic,
        ["vedette.userAgent.product"] = DerivedField.UserAgentProduct,
        ["vedette.success"] = DerivedField.Success,
        ["vedette.dryRun"] = DerivedField.DryRun,
        ["vedette.path"] = DerivedField.Path,
        ["vedette.exec.command"] = DerivedField.ExecCommand,
        ["vedette.mutatedBy"] = DerivedField.MutatedBy,
        ["vedette.object"] = DerivedField.Object,
        ["vedette.podSpec"] = DerivedField.PodSpec,
        ["vedette.podSpec.containers"] = DerivedField.PodSpecContainers,
        ["vedette.podSpec.hostPaths"] = DerivedField.PodSpecHostPaths,
        ["vedette.podSpec.writableHostPaths"] = DerivedField.PodSpecWritableHostPaths,
        ["vedette.podSpec.secrets"] = DerivedField.PodSpecSecrets,
        ["vedette.podSpec.images"] = DerivedField.PodSpecImages,
        ["vedette.podSpec.commands"] = DerivedField.PodSpecCommands,
        ["vedette.podSpec.capabilities"] = DerivedField.PodSpecCapabilities,
        ["vedette.rbac.role"] = DerivedField.RbacRole,
        ["vedette.rbac.subjects"] = DerivedField.RbacSubjects,
        ["vedette.csr.user"] = DerivedField.CsrUser,
        ["vedette.csr.groups"] = DerivedField.CsrGroups,
        ["vedette.rbac.grants"] = DerivedField.RbacGrants,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The paths of all derived fields.</summary>
    public static IEnumerable<string> Paths => s_byPath.Keys;

    /// <summary>Splits a path into the longest derived field that it starts with and what remains; only objects have something below them.</summary>
    public static bool TrySplit(string path, out DerivedField derived, out string rest)
    {
        rest = "";
        if (s_byPath.TryGetValue(path, out derived))
        {
            return true;
        }

        for (int end = path.LastIndexOf('.'); end > 0; end = path.LastIndexOf('.', end - 1))
        {
            if (s_byPath.TryGetValue(path[..end], out derived) && derived is DerivedField.Object or DerivedField.PodSpec or DerivedField.PodSpecContainers)
            {
                rest = path[(end + 1)..];
                return true;
            }
        }

        derived = default;
        return false;
    }

    /// <summary>Does this field come from the body of the request?</summary>
    public static bool NeedsRequestBody(DerivedField derived) => derived is >= DerivedField.Object and <= DerivedField.RbacGrants;

    /// <summary>The fields that a derived field is computed from.</summary>
    public static FieldSet InputsOf(DerivedField derived) => derived switch
    {
        DerivedField.Operation => FieldSet.Of(AuditField.Verb, AuditField.ObjectSubresource, AuditField.ResponseCode),
        DerivedField.Resource => FieldSet.Of(AuditField.ObjectResource, AuditField.ObjectSubresource),
        DerivedField.Actor or DerivedField.ActorKind or DerivedField.ActorNamespace => FieldSet.Of(AuditField.ImpersonatedUserName, AuditField.UserName),
        DerivedField.ActorGroups => FieldSet.Of(AuditField.ImpersonatedUserName, AuditField.ImpersonatedUserGroups, AuditField.UserGroups),
        DerivedField.Impersonated => FieldSet.Of(AuditField.ImpersonatedUserName, AuditField.ResponseCode, AuditField.ResponseMessage),
        DerivedField.SourceIp or DerivedField.SourceNetwork or DerivedField.SourceIsPublic => FieldSet.Of(AuditField.SourceIps),
        DerivedField.UserAgentProduct => FieldSet.Of(AuditField.UserAgent),
        DerivedField.Success => FieldSet.Of(AuditField.ResponseCode, AuditField.Decision),
        DerivedField.DryRun => FieldSet.Of(AuditField.RequestUri, AuditField.Verb, AuditField.RequestObject),
        DerivedField.Path => FieldSet.Of(AuditField.RequestUri),
        DerivedField.ExecCommand => FieldSet.Of(AuditField.RequestUri, AuditField.ObjectSubresource),
        DerivedField.MutatedBy => FieldSet.Of(AuditField.Annotations),
        _ => FieldSet.Of(AuditField.Verb, AuditField.ObjectResource, AuditField.ObjectSubresource, AuditField.RequestObject, AuditField.ResponseObject),
    };

    /// <summary>Could the body of this request have this field at all? A pod spec only for workloads, grants only for roles.</summary>
    public static bool CanExist(DerivedField derived, in EventView view) => derived switch
    {
        >= DerivedField.PodSpec and <= DerivedField.PodSpecCapabilities => PodSpec.IsWorkload(view),
        DerivedField.RbacRole or DerivedField.RbacSubjects => Rbac.IsBinding(view),
        DerivedField.CsrUser or DerivedField.CsrGroups => CertificateRequest.IsCreated(view),
        DerivedField.RbacGrants => Rbac.IsRole(view),
        _ => true,
    };

    /// <summary>What <see cref="CanExist"/> looks at; null where it is always true.</summary>
    public static FieldSet? ExistenceInputsOf(DerivedField derived) =>
        derived is >= DerivedField.PodSpec and <= DerivedField.RbacGrants ? FieldSet.Of(AuditField.ObjectResource, AuditField.ObjectSubresource) : null;

    /// <summary>Reads a derived field into the resolver.</summary>
    public static void Read(DerivedField derived, FieldPath path, in EventView view, FieldResolver into)
    {
        switch (derived)
        {
            case DerivedField.Operation:
                ReadOperation(view, into);
                break;
            case DerivedField.Resource:
                ReadResource(view, into);
                break;
            case DerivedField.Actor:
                Actor.Read(view, AuditField.ImpersonatedUserName, AuditField.UserName, into);
                break;
            case DerivedField.ActorGroups:
                Actor.Read(view, AuditField.ImpersonatedUserGroups, AuditField.UserGroups, into);
                break;
            case DerivedField.ActorKind:
                Actor.ReadKind(view, into);
                break;
            case DerivedField.ActorNamespace:
                Actor.ReadNamespace(view, into);
                break;
            case DerivedField.Impersonated:
                into.AddBoolean(Actor.IsImpersonated(view));
                break;
            case DerivedField.SourceIp:
                SourceAddress.Read(view, into);
                break;
            case DerivedField.SourceNetwork:
                SourceAddress.ReadNetwork(view, into);
                break;
            case DerivedField.SourceIsPublic:
                SourceAddress.ReadIsPublic(view, into);
                break;
            case DerivedField.UserAgentProduct:
                ReadProduct(view, into);
                break;
            case DerivedField.Success:
                if (Outcome.Succeeded(view) is { } success)
                {
                    into.AddBoolean(success);
                }

                break;
            case DerivedField.DryRun:
                RequestUri.ReadDryRun(view, into);
                break;
            case DerivedField.Path:
                RequestUri.ReadPath(view, into);
                break;
            case DerivedField.ExecCommand:
                RequestUri.ReadCommand(view, into);
                break;
            case DerivedField.MutatedBy:
                Mutations.Read(view, into);
                break;
            case DerivedField.Object:
                into.Walk(view, WrittenObject.Of(view, into), path, 0);
                break;
            case DerivedField.PodSpec:
                into.Walk(view, PodSpec.Of(view, into), path, 0);
                break;
            case DerivedField.PodSpecContainers:
                PodSpec.WalkContainers(view, path, into);
                break;
            case DerivedField.PodSpecHostPaths:
                PodSpec.ReadHostPaths(view, writableOnly: false, into);
                break;
            case DerivedField.PodSpecWritableHostPaths:
                PodSpec.ReadHostPaths(view, writableOnly: true, into);
                break;
            case DerivedField.PodSpecSecrets:
                PodSpecSecrets.Read(view, into);
                break;
            case DerivedField.PodSpecImages:
                PodSpec.ReadImages(view, into);
                break;
            case DerivedField.PodSpecCommands:
                PodSpec.ReadCommands(view, into);
                break;
            case DerivedField.PodSpecCapabilities:
                PodSpec.ReadCapabilities(view, into);
                break;
            case DerivedField.RbacRole:
                Rbac.ReadRole(view, into);
                break;
            case DerivedField.RbacSubjects:
                Rbac.ReadSubjects(view, into);
                break;
            case DerivedField.CsrUser:
                CertificateRequest.ReadUser(view, into);
                break;
            case DerivedField.CsrGroups:
                CertificateRequest.ReadGroups(view, into);
                break;
            case DerivedField.RbacGrants:
                Rbac.ReadGrants(view, into);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(derived));
        }
    }

    /// <summary>The program's name: what stands before its version.</summary>
    private static void ReadProduct(in EventView view, FieldResolver into)
    {
        JsonValue agent = view[AuditField.UserAgent];
        if (agent.Exists && agent.Kind != JsonKind.Null)
        {
            ReadOnlySpan<byte> text = into.Unescaped(agent);
            int end = text.IndexOfAny((byte)'/', (byte)' ');
            into.AddText(end < 0 ? text : text[..end]);
        }
    }

    private static void ReadOperation(in EventView view, FieldResolver into)
    {
        JsonValue subresource = view[AuditField.ObjectSubresource];
        if (subresource.StringEquals("exec"u8) || subresource.StringEquals("attach"u8) || subresource.StringEquals("portforward"u8)
            || subresource.StringEquals("proxy"u8))
        {
            into.Add(view, subresource);
        }
        else if (view[AuditField.Verb].StringEquals("patch"u8) && view[AuditField.ResponseCode].TryGetInt64(out long code) && code == 201)
        {
            into.AddText("create"u8);
        }
        else if (view[AuditField.Verb].Exists)
        {
            into.Add(view, view[AuditField.Verb]);
        }
    }

    private static void ReadResource(in EventView view, FieldResolver into)
    {
        JsonValue resource = view[AuditField.ObjectResource];
        JsonValue subresource = view[AuditField.ObjectSubresource];
        if (resource.Exists && subresource.Kind == JsonKind.String && !subresource.Raw.IsEmpty)
        {
            int start = into.BeginText();
            into.Write(resource);
            into.Write("/"u8);
            into.Write(subresource);
            into.AddWritten(start);
        }
        else if (resource.Exists)
        {
            into.Add(view, resource);
        }
    }
}
