using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Detection.Fields;

/// <summary>The secrets that a workload uses: whoever may create a workload reads all of its namespace this way.</summary>
internal static class PodSpecSecrets
{
    /// <summary>Adds the names of secrets in volumes, environment and imagePullSecrets.</summary>
    public static void Read(in EventView view, FieldResolver into)
    {
        JsonValue spec = PodSpec.Of(view);
        foreach (JsonValue volume in spec.Member("volumes"u8).Elements())
        {
            Add(view, volume.Member("secret"u8, "secretName"u8), into);
            foreach (JsonValue source in volume.Member("projected"u8, "sources"u8).Elements())
            {
                Add(view, source.Member("secret"u8, "name"u8), into);
            }
        }

        foreach (JsonValue pull in spec.Member("imagePullSecrets"u8).Elements())
        {
            Add(view, pull.Member("name"u8), into);
        }

        ReadEnvironment(view, spec.Member("containers"u8), into);
        ReadEnvironment(view, spec.Member("initContainers"u8), into);
        ReadEnvironment(view, spec.Member("ephemeralContainers"u8), into);
    }

    private static void ReadEnvironment(in EventView view, JsonValue containers, FieldResolver into)
    {
        foreach (JsonValue container in containers.Elements())
        {
            foreach (JsonValue variable in container.Member("env"u8).Elements())
            {
                Add(view, variable.Member("valueFrom"u8, "secretKeyRef"u8).Member("name"u8), into);
            }

            foreach (JsonValue source in container.Member("envFrom"u8).Elements())
            {
                Add(view, source.Member("secretRef"u8, "name"u8), into);
            }
        }
    }

    private static void Add(in EventView view, JsonValue name, FieldResolver into)
    {
        if (name.Kind == JsonKind.String)
        {
            into.Add(view, name);
        }
    }
}
