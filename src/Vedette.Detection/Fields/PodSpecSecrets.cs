using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Detection.Fields;

/// <summary>The secrets that a workload uses: whoever may create a workload reads all of its namespace this way.</summary>
internal static class PodSpecSecrets
{
    /// <summary>Adds the names of secrets in volumes, environment and imagePullSecrets.</summary>
    public static void Read(in EventView view, FieldResolver into)
    {
        JsonValue spec = PodSpec.Of(view, into);
        foreach (JsonValue volume in into.Member(spec, "volumes"u8).Elements())
        {
            Add(view, into.Member(volume, "secret"u8, "secretName"u8), into);
            foreach (JsonValue source in into.Member(volume, "projected"u8, "sources"u8).Elements())
            {
                Add(view, into.Member(source, "secret"u8, "name"u8), into);
            }
        }

        foreach (JsonValue pull in into.Member(spec, "imagePullSecrets"u8).Elements())
        {
            Add(view, into.Member(pull, "name"u8), into);
        }

        ReadEnvironment(view, into.Member(spec, "containers"u8), into);
        ReadEnvironment(view, into.Member(spec, "initContainers"u8), into);
        ReadEnvironment(view, into.Member(spec, "ephemeralContainers"u8), into);
    }

    private static void ReadEnvironment(in EventView view, JsonValue containers, FieldResolver into)
    {
        foreach (JsonValue container in containers.Elements())
        {
            foreach (JsonValue variable in into.Member(container, "env"u8).Elements())
            {
                Add(view, into.Member(into.Member(variable, "valueFrom"u8, "secretKeyRef"u8), "name"u8), into);
            }

            foreach (JsonValue source in into.Member(container, "envFrom"u8).Elements())
            {
                Add(view, into.Member(source, "secretRef"u8, "name"u8), into);
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
