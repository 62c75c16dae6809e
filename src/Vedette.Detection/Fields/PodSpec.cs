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
            && IsWorkload(view[AuditField.ObjectResource]);
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
        JsonValue resource = view[AuditField.ObjectResource];
        return resource.StringEquals("pods"u8) ? spec
            : resource.StringEquals("podtemplates"u8) ? changed.Member("template"u8, "spec"u8)
            : resource.StringEquals("cronjobs"u8) ? spec.Member("jobTemplate"u8, "spec"u8).Member("template"u8, "spec"u8)
            : spec.Member("template"u8, "spec"u8);
    }

    private static bool IsWorkload(JsonValue resource) =>
        resource.StringEquals("pods"u8) || resource.StringEquals("podtemplates"u8) || resource.StringEquals("deployments"u8) || resource.StringEquals("replicasets"u8)
        || resource.StringEquals("replicationcontrollers"u8) || resource.StringEquals("statefulsets"u8) || resource.StringEquals("daemonsets"u8)
        || resource.StringEquals("jobs"u8) || resource.StringEquals("cronjobs"u8);

    /// <summary>Walks down from the containers, init containers and ephemeral containers alike.</summary>
    public static void WalkContainers(in EventView view, FieldPath path, FieldResolver into)
    {
        JsonValue spec = Of(view);
        into.Walk(view, spec.Member("containers"u8), path, 0);
        into.Walk(view, spec.Member("initContainers"u8), path, 0);
        into.Walk(view, spec.Member("ephemeralContainers"u8), path, 0);
    }

    /// <summary>Adds the hostPath volumes, normalised; on demand without those that every container that mounts them mounts for reading only.</summary>
    public static void ReadHostPaths(in EventView view, bool writableOnly, FieldResolver into)
    {
        JsonValue spec = Of(view);
        foreach (JsonValue volume in spec.Member("volumes"u8).Elements())
        {
            if (volume.Member("hostPath"u8, "path"u8) is { Kind: JsonKind.String } path
                && !(writableOnly && IsReadOnly(spec, volume.Member("name"u8).AsString())))
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

    /// <summary>Adds the images of all containers without tag and digest.</summary>
    public static void ReadImages(in EventView view, FieldResolver into)
    {
        JsonValue spec = Of(view);
        ReadImages(spec.Member("containers"u8), into);
        ReadImages(spec.Member("initContainers"u8), into);
        ReadImages(spec.Member("ephemeralContainers"u8), into);
    }

    /// <summary>Adds what each container runs: command and args joined by blanks.</summary>
    public static void ReadCommands(in EventView view, FieldResolver into)
    {
        JsonValue spec = Of(view);
        ReadCommands(spec.Member("containers"u8), into);
        ReadCommands(spec.Member("initContainers"u8), into);
        ReadCommands(spec.Member("ephemeralContainers"u8), into);
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

    /// <summary>Is a volume mounted, and never for writing? A volume that the request does not show mounted counts as writable.</summary>
    private static bool IsReadOnly(JsonValue spec, string? volume)
    {
        bool mounted = false;
        return !IsWritable(spec.Member("containers"u8), volume, ref mounted)
            && !IsWritable(spec.Member("initContainers"u8), volume, ref mounted)
            && !IsWritable(spec.Member("ephemeralContainers"u8), volume, ref mounted)
            && mounted;
    }

    private static bool IsWritable(JsonValue containers, string? volume, ref bool mounted)
    {
        foreach (JsonValue container in containers.Elements())
        {
            foreach (JsonValue mount in container.Member("volumeMounts"u8).Elements())
            {
                if (mount.Member("name"u8).AsString() == volume)
                {
                    mounted = true;
                    if (mount.Member("readOnly"u8).Kind != JsonKind.True)
                    {
                        return true;
                    }
                }
            }
        }

        return false;
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

    private static void ReadImages(JsonValue containers, FieldResolver into)
    {
        foreach (JsonValue container in containers.Elements())
        {
            if (container.Member("image"u8).AsString() is { } image)
            {
                into.AddText(WithoutTag(image));
            }
        }
    }

    private static string WithoutTag(string image)
    {
        int digest = image.IndexOf('@', StringComparison.Ordinal);
        string name = digest < 0 ? image : image[..digest];
        // A colon ahead of the last slash is the registry's port.
        int tag = name.IndexOf(':', name.LastIndexOf('/') + 1);
        return tag < 0 ? name : name[..tag];
    }

    private static void ReadCommands(JsonValue containers, FieldResolver into)
    {
        foreach (JsonValue container in containers.Elements())
        {
            StringBuilder command = new();
            AppendWords(container.Member("command"u8), command);
            AppendWords(container.Member("args"u8), command);
            if (command.Length > 0)
            {
                into.AddText(command.ToString());
            }
        }
    }

    private static void AppendWords(JsonValue words, StringBuilder command)
    {
        foreach (JsonValue word in words.Elements())
        {
            command.Append(command.Length == 0 ? "" : " ").Append(word.AsString());
        }
    }
}
