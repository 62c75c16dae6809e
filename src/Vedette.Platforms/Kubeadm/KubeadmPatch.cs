using Vedette.Documents;
using Vedette.Documents.Editing;
using Vedette.Platforms.ApiServer;
using Vedette.Platforms.Setup;

namespace Vedette.Platforms.Kubeadm;

/// <summary>Patches the ClusterConfiguration of a cluster that runs: only what must change changes.</summary>
internal static class KubeadmPatch
{
    /// <summary>Patches a configuration.</summary>
    /// <returns>Null when it cannot be done, with the reason in <paramref name="refusal"/>.</returns>
    public static string? Apply(string file, string text, AuditPlan plan, out Refusal? refusal)
    {
        refusal = null;
        if (YamlEditor.Open(file, text, out Diagnostic? problem) is not { } editor)
        {
            refusal = new Refusal(problem!.ToString(), "mend the YAML");
            return null;
        }

        if (editor.Documents.OfType<YamlTextMapping>().FirstOrDefault(document => document["kind"]?.Value.Text == "ClusterConfiguration") is not { } cluster)
        {
            refusal = new Refusal($"{file}: there is no ClusterConfiguration in it", "give what 'kubectl -n kube-system get cm kubeadm-config -o jsonpath={.data.ClusterConfiguration}' prints");
            return null;
        }

        bool isList = cluster["apiVersion"]?.Value.Text is not ("kubeadm.k8s.io/v1beta3" or "kubeadm.k8s.io/v1beta2");
        YamlValue[] volumes = [.. plan.Mounts.Select(ToValue)];
        switch (cluster["apiServer"])
        {
            case { Value.Resolved: YamlTextMapping { Members.Length: > 0 } apiServer }:
                SetArguments(editor, apiServer, plan, isList);
                SetVolumes(editor, apiServer, plan);
                break;
            case { } empty when empty.Value is YamlTextMapping map:
                AddAll(map);
                break;
            case { } absent:
                editor.Fill(absent, YamlValue.Map(("extraArgs", Arguments(plan, isList)), ("extraVolumes", YamlValue.List(volumes))));
                break;
            case null:
                editor.Add(cluster, "apiServer", YamlValue.Map(("extraArgs", Arguments(plan, isList)), ("extraVolumes", YamlValue.List(volumes))));
                break;
        }

        return editor.Apply(out _);

        void AddAll(YamlTextMapping map)
        {
            editor.Add(map, "extraArgs", Arguments(plan, isList));
            editor.Add(map, "extraVolumes", YamlValue.List(volumes));
        }
    }

    private static void SetArguments(YamlEditor editor, YamlTextMapping apiServer, AuditPlan plan, bool isList)
    {
        switch (apiServer["extraArgs"])
        {
            case { Value.Resolved: YamlTextSequence list }:
                List<YamlValue> items = [];
                foreach ((string name, string value) in plan.Flags)
                {
                    if (list.Items.Select(item => item.Resolved).OfType<YamlTextMapping>().LastOrDefault(item => item["name"]?.Value.Text == name)?["value"]?.Value is YamlTextScalar there)
                    {
                        Set(editor, there, value);
                    }
                    else
                    {
                        items.Add(ToItem(name, value));
                    }
                }

                if (items.Count > 0)
                {
                    editor.Append(list, items);
                }

                break;
            case { Value.Resolved: YamlTextMapping map }:
                foreach ((string name, string value) in plan.Flags)
                {
                    if (map[name]?.Value is YamlTextScalar there)
                    {
                        Set(editor, there, value);
                    }
                    else
                    {
                        editor.Add(map, name, YamlValue.Of(value));
                    }
                }

                break;
            case { Value: YamlTextScalar } absent:
                editor.Fill(absent, Arguments(plan, isList));
                break;
            default:
                editor.Add(apiServer, "extraArgs", Arguments(plan, isList));
                break;
        }
    }

    private static void SetVolumes(YamlEditor editor, YamlTextMapping apiServer, AuditPlan plan)
    {
        YamlTextSequence? there = apiServer["extraVolumes"]?.Value.Resolved as YamlTextSequence;
        YamlTextMapping[] volumes = [.. there?.Items.Select(item => item.Resolved).OfType<YamlTextMapping>() ?? []];
        List<YamlValue> missing = [];
        foreach (HostMount mount in plan.Mounts.Where(mount => !volumes.Any(volume => volume["mountPath"]?.Value.Text?.TrimEnd('/') == mount.MountPath && volume["hostPath"]?.Value.Text?.TrimEnd('/') == mount.HostPath)))
        {
            string name = mount.Name;
            while (volumes.Any(volume => volume["name"]?.Value.Text == name))
            {
                name = "vedette-" + name;
            }

            missing.Add(ToValue(mount with { Name = name }));
        }

        if (missing.Count == 0)
        {
            return;
        }

        if (there is not null)
        {
            editor.Append(there, missing);
        }
        else if (apiServer["extraVolumes"] is { } absent)
        {
            editor.Fill(absent, YamlValue.List([.. missing]));
        }
        else
        {
            editor.Add(apiServer, "extraVolumes", YamlValue.List([.. missing]));
        }
    }

    private static void Set(YamlEditor editor, YamlTextScalar there, string value)
    {
        if (there.Value != value)
        {
            editor.Replace(there, value);
        }
    }

    private static YamlValue Arguments(AuditPlan plan, bool isList) =>
        isList ? YamlValue.List([.. plan.Flags.Select(flag => ToItem(flag.Name, flag.Value))]) : YamlValue.Map([.. plan.Flags.Select(flag => (flag.Name, YamlValue.Of(flag.Value)))]);

    private static YamlValue ToItem(string name, string value) => YamlValue.Map(("name", YamlValue.Of(name)), ("value", YamlValue.Of(value)));

    private static YamlValue ToValue(HostMount mount) => YamlValue.Map(
        ("name", YamlValue.Of(mount.Name)), ("hostPath", YamlValue.Of(mount.HostPath)), ("mountPath", YamlValue.Of(mount.MountPath)), ("readOnly", YamlValue.Of(mount.IsReadOnly)), ("pathType", YamlValue.Of(mount.Type)));
}
