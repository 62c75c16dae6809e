using System.Text;
using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Detection.Fields;

/// <summary>The pod spec that a request writes, whatever kind of workload it writes it in.</summary>
internal static class PodSpec
{
    /// <summary>Is the request about a workload, or about the debug containers of a pod?</summary>
    public static bool IsWorkload(in EventView view)
    {
        JsonValue subresource = view[AuditField.ObjectSubresource];
        return (subresource.Raw.IsEmpty || subresource.StringEquals("ephemeralcontainers"u8))
            && view[AuditField.ObjectResource].AsString() is ("pods" or "podtemplates" or "deployments" or "replicasets" or "replicationcontrollers" or "statefulsets"
                or "daemonsets" or "jobs" or "cronjobs");
    }

    /// <summary>The pod spec; missing when the request writes none. A patch is read from what it changes.</summary>
    public static JsonValue Of(in EventView view)
    {
        if (!IsWorkload(view))
        {
            return default;
        }

        JsonValue changed = WrittenObject.Change(view);
        JsonValue spec = changed.Member("spec"u8);
        return view[AuditField.ObjectResource].AsString() switch
        {
            "pods" => spec,
            "podtemplates" => changed.Member("template"u8, "spec"u8),
            "cronjobs" => spec.Member("jobTemplate"u8, "spec"u8).Member("template"u8, "spec"u8),
            _ => spec.Member("template"u8, "spec"u8),
        };
    }

    /// <summary>Walks down from the containers, init containers and ephemeral containers alike.</summary>
    public static void WalkContainers(in EventView view, FieldPath path, FieldResolver into)
    {
        JsonValue spec = Of(view);
        into.Walk(view, spec.Member("containers"u8), path, 0);
        into.Walk(view, spec.Member("initContainers"u8), path, 0);
        into.Walk(view, spec.Member("ephemeralContainers"u8), path, 0);
    }

    /// <summary>Adds the hostPath volumes, normalised.</summary>
    public static void ReadHostPaths(in EventView view, FieldResolver into)
    {
        foreach (JsonValue volume in Of(view).Member("volumes"u8).Elements())
        {
            if (volume.Member("hostPath"u8, "path"u8) is { Kind: JsonKind.String } path)
            {
                into.AddText(Normalize(path.AsString()!));
            }
        }
    }

    /// <summary>Adds the capabilities that any container adds, in capitals, without <c>CAP_</c>.</summary>
    public static void ReadCapabilities(in EventView view, FieldResolver into)
    {
        JsonValue spec = Of(view);
        ReadCapabilities(spec.Member("containers"u8), into);
        ReadCapabilities(spec.Member("initContainers"u8), into);
        ReadCapabilities(spec.Member("ephemeralContainers"u8), into);
    }

    /// <summary>A path without empty, <c>.</c> and <c>..</c> parts: what the kubelet mounts.</summary>
    internal static string Normalize(string path)
    {
        List<string> parts = [];
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == "..")
            {
                parts.RemoveRange(Math.Max(0, parts.Count - 1), Math.Min(1, parts.Count));
            }
            else if (part != ".")
            {
                parts.Add(part);
            }
        }

        return new StringBuilder("/").AppendJoin('/', parts).ToString();
    }

    private static void ReadCapabilities(JsonValue containers, FieldResolver into)
    {
        foreach (JsonValue container in containers.Elements())
        {
            foreach (JsonValue capability in container.Member("securityContext"u8, "capabilities"u8).Member("add"u8).Elements())
            {
                if (capability.Kind == JsonKind.String)
                {
                    string name = capability.AsString()!.ToUpperInvariant();
                    into.AddText(name.StartsWith("CAP_", StringComparison.Ordinal) ? name[4..] : name);
                }
            }
        }
    }
}
