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
    public static JsonValue Of(in EventView view, FieldResolver into)
    {
        // Most events carry no bodies: nothing else is looked at then.
        if ((!view.RangeOf(AuditField.RequestObject).Exists && !view.RangeOf(AuditField.ResponseObject).Exists) || !IsWorkload(view))
        {
            return default;
        }

        JsonValue changed = WrittenObject.Change(view, into);
        JsonValue spec = into.Member(changed, "spec"u8);
        JsonValue resource = view[AuditField.ObjectResource];
        return resource.StringEquals("pods"u8) ? spec
            : resource.StringEquals("podtemplates"u8) ? into.Member(changed, "template"u8, "spec"u8)
            : resource.StringEquals("cronjobs"u8) ? into.Member(into.Member(spec, "jobTemplate"u8, "spec"u8), "template"u8, "spec"u8)
            : into.Member(spec, "template"u8, "spec"u8);
    }

    private static bool IsWorkload(JsonValue resource) =>
        resource.StringEquals("pods"u8) || resource.StringEquals("podtemplates"u8) || resource.StringEquals("deployments"u8) || resource.StringEquals("replicasets"u8)
        || resource.StringEquals("replicationcontrollers"u8) || resource.StringEquals("statefulsets"u8) || resource.StringEquals("daemonsets"u8)
        || resource.StringEquals("jobs"u8) || resource.StringEquals("cronjobs"u8);

    /// <summary>Walks down from the containers, init containers and ephemeral containers alike.</summary>
    public static void WalkContainers(in EventView view, FieldPath path, FieldResolver into)
    {
        JsonValue spec = Of(view, into);
        into.Walk(view, into.Member(spec, "containers"u8), path, 0);
        into.Walk(view, into.Member(spec, "initContainers"u8), path, 0);
        into.Walk(view, into.Member(spec, "ephemeralContainers"u8), path, 0);
    }

    /// <summary>Adds the hostPath volumes, normalised; on demand without those that every container that mounts them mounts for reading only.</summary>
    public static void ReadHostPaths(in EventView view, bool writableOnly, FieldResolver into)
    {
        JsonValue spec = Of(view, into);
        foreach (JsonValue volume in into.Member(spec, "volumes"u8).Elements())
        {
            if (into.Member(volume, "hostPath"u8, "path"u8) is { Kind: JsonKind.String } path
                && !(writableOnly && IsReadOnly(spec, into.Member(volume, "name"u8), into)))
            {
                int start = into.BeginText();
                into.Write("/"u8);
                into.Write(path);
                into.AddWritten(start, Normalize(into.Written(start)));
            }
        }
    }

    /// <summary>Adds the capabilities that any container adds, in capitals, without <c>CAP_</c>.</summary>
    public static void ReadCapabilities(in EventView view, FieldResolver into)
    {
        JsonValue spec = Of(view, into);
        ReadCapabilities(into.Member(spec, "containers"u8), into);
        ReadCapabilities(into.Member(spec, "initContainers"u8), into);
        ReadCapabilities(into.Member(spec, "ephemeralContainers"u8), into);
    }

    /// <summary>Adds the images of all containers without tag and digest.</summary>
    public static void ReadImages(in EventView view, FieldResolver into)
    {
        JsonValue spec = Of(view, into);
        ReadImages(into.Member(spec, "containers"u8), into);
        ReadImages(into.Member(spec, "initContainers"u8), into);
        ReadImages(into.Member(spec, "ephemeralContainers"u8), into);
    }

    /// <summary>Adds what each container runs: command and args joined by blanks.</summary>
    public static void ReadCommands(in EventView view, FieldResolver into)
    {
        JsonValue spec = Of(view, into);
        ReadCommands(into.Member(spec, "containers"u8), into);
        ReadCommands(into.Member(spec, "initContainers"u8), into);
        ReadCommands(into.Member(spec, "ephemeralContainers"u8), into);
    }

    /// <summary>Takes empty, <c>.</c> and <c>..</c> parts out of a path that starts with a slash, in place: what the kubelet mounts.</summary>
    /// <returns>The number of bytes that remain.</returns>
    private static int Normalize(Span<byte> path)
    {
        int written = 0;
        int next;
        for (int start = 1; start < path.Length; start = next + 1)
        {
            next = path[start..].IndexOf((byte)'/') is >= 0 and var length ? start + length : path.Length;
            ReadOnlySpan<byte> part = path[start..next];
            if (part.SequenceEqual(".."u8))
            {
                written = Math.Max(0, path[..written].LastIndexOf((byte)'/'));
            }
            else if (!part.IsEmpty && !part.SequenceEqual("."u8))
            {
                path[written++] = (byte)'/';
                part.CopyTo(path[written..]);
                written += part.Length;
            }
        }

        return Math.Max(1, written);
    }

    /// <summary>Is a volume mounted, and never for writing? A volume that the request does not show mounted counts as writable.</summary>
    private static bool IsReadOnly(JsonValue spec, JsonValue volume, FieldResolver into)
    {
        bool mounted = false;
        return !IsWritable(into.Member(spec, "containers"u8), volume, ref mounted, into)
            && !IsWritable(into.Member(spec, "initContainers"u8), volume, ref mounted, into)
            && !IsWritable(into.Member(spec, "ephemeralContainers"u8), volume, ref mounted, into)
            && mounted;
    }

    private static bool IsWritable(JsonValue containers, JsonValue volume, ref bool mounted, FieldResolver into)
    {
        foreach (JsonValue container in containers.Elements())
        {
            foreach (JsonValue mount in into.Member(container, "volumeMounts"u8).Elements())
            {
                if (HaveSameText(into.Member(mount, "name"u8), volume))
                {
                    mounted = true;
                    if (into.Member(mount, "readOnly"u8).Kind != JsonKind.True)
                    {
                        return true;
                    }
                }
            }
        }

        return false;
    }

    private static bool HaveSameText(JsonValue one, JsonValue other) =>
        one.IsEscaped || other.IsEscaped ? one.AsString() == other.AsString() : one.Raw.SequenceEqual(other.Raw);

    private static void ReadCapabilities(JsonValue containers, FieldResolver into)
    {
        foreach (JsonValue container in containers.Elements())
        {
            foreach (JsonValue capability in into.Member(into.Member(container, "securityContext"u8, "capabilities"u8), "add"u8).Elements())
            {
                if (capability.Kind == JsonKind.String)
                {
                    int start = into.BeginText();
                    into.Write(capability);
                    Span<byte> name = into.Written(start);
                    Ascii.ToUpperInPlace(name, out _);
                    int prefix = name.StartsWith("CAP_"u8) ? "CAP_"u8.Length : 0;
                    into.AddWritten(start + prefix, name.Length - prefix);
                }
            }
        }
    }

    private static void ReadImages(JsonValue containers, FieldResolver into)
    {
        foreach (JsonValue container in containers.Elements())
        {
            if (into.Member(container, "image"u8) is { Exists: true, Kind: not JsonKind.Null } image)
            {
                into.AddText(WithoutTag(into.Unescaped(image)));
            }
        }
    }

    private static ReadOnlySpan<byte> WithoutTag(ReadOnlySpan<byte> image)
    {
        int digest = image.IndexOf((byte)'@');
        ReadOnlySpan<byte> name = digest < 0 ? image : image[..digest];
        // A colon ahead of the last slash is the registry's port.
        int last = name.LastIndexOf((byte)'/') + 1;
        int tag = name[last..].IndexOf((byte)':');
        return tag < 0 ? name : name[..(last + tag)];
    }

    private static void ReadCommands(JsonValue containers, FieldResolver into)
    {
        foreach (JsonValue container in containers.Elements())
        {
            int start = into.BeginText();
            WriteWords(into.Member(container, "command"u8), start, into);
            WriteWords(into.Member(container, "args"u8), start, into);
            if (!into.Written(start).IsEmpty)
            {
                into.AddWritten(start);
            }
        }
    }

    private static void WriteWords(JsonValue words, int start, FieldResolver into)
    {
        foreach (JsonValue word in words.Elements())
        {
            into.Write(into.Written(start).IsEmpty ? default : " "u8);
            into.Write(word);
        }
    }
}
