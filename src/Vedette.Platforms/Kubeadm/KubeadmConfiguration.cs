using System.Collections.Immutable;
using System.Text;
using Vedette.Documents.Yaml;
using Vedette.Platforms.ApiServer;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.Kubeadm;

/// <summary>extraArgs and extraVolumes as kubeadm has them, which Cluster API and kind embed.</summary>
internal static class KubeadmConfiguration
{
    /// <summary>Renders a ClusterConfiguration.</summary>
    /// <param name="plan">What kube-apiserver is to get.</param>
    /// <param name="isList">v1beta4, where extraArgs are a list; else v1beta3.</param>
    public static string Render(AuditPlan plan, bool isList) =>
        $"apiVersion: kubeadm.k8s.io/{(isList ? "v1beta4" : "v1beta3")}\nkind: ClusterConfiguration\napiServer:\n" + TextBlock.Indent(RenderApiServer(plan, isList), 2);

    /// <summary>Renders the members of <c>apiServer</c>.</summary>
    public static string RenderApiServer(AuditPlan plan, bool isList)
    {
        StringBuilder text = new("extraArgs:\n");
        foreach ((string name, string value) in plan.Flags)
        {
            text.Append(isList ? $"- name: {name}\n  value: {YamlScalars.Quote(value)}\n" : $"  {name}: {YamlScalars.Quote(value)}\n");
        }

        text.Append("extraVolumes:\n");
        foreach (HostMount mount in plan.Mounts)
        {
            text.Append($"- name: {mount.Name}\n  hostPath: {mount.HostPath}\n  mountPath: {mount.MountPath}\n  readOnly: {(mount.IsReadOnly ? "true" : "false")}\n  pathType: {mount.Type}\n");
        }

        return text.ToString();
    }

    /// <summary>Reads <c>apiServer</c>; null is an empty one.</summary>
    /// <param name="file">The file.</param>
    /// <param name="apiServer">The map.</param>
    /// <param name="lineBefore">Lines of the file before the text that the map was read from.</param>
    public static ObservedApiServer Read(string file, YamlMapping? apiServer, int lineBefore = 0)
    {
        ImmutableArray<ObservedFlag>.Builder flags = ImmutableArray.CreateBuilder<ObservedFlag>();
        switch (apiServer?["extraArgs"])
        {
            case YamlMapping map:
                foreach (YamlMember member in map.Members)
                {
                    Add(member.Key.Text, member.Value, member.Key);
                }

                break;
            case YamlSequence list:
                foreach (YamlMapping item in list.Items.OfType<YamlMapping>())
                {
                    Add(Text(item, "name"), item["value"], item);
                }

                break;
        }

        ImmutableArray<HostMount> mounts = apiServer?["extraVolumes"] is YamlSequence volumes
            ? [.. volumes.Items.OfType<YamlMapping>().Select(item => new HostMount(Text(item, "name"), Text(item, "hostPath"), Text(item, "mountPath"), Text(item, "readOnly") is "true" or "True" or "TRUE", Text(item, "pathType")))]
            : [];
        return new ObservedApiServer { File = file, Flags = flags.ToImmutable(), Mounts = mounts, VolumeNames = [.. mounts.Select(mount => mount.Name)] };

        void Add(string name, YamlNode? value, YamlNode at)
        {
            if (name.StartsWith("audit", StringComparison.Ordinal))
            {
                bool isText = value is YamlScalar scalar && YamlTyping.TypeOf(scalar, out _, out _, out _) == YamlType.Text;
                flags.Add(new ObservedFlag(name, (value as YamlScalar)?.Text ?? "", new Place(file, at.Line + lineBefore, at.Column), !isText));
            }
        }
    }

    private static string Text(YamlMapping map, string key) => (map[key] as YamlScalar)?.Text ?? "";
}
