using System.Collections.Immutable;
using Vedette.Documents;
using Vedette.Documents.Editing;
using Vedette.Platforms.ApiServer;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.StaticPod;

/// <summary>A flag of kube-apiserver where it stands in a manifest.</summary>
/// <param name="Name">Without dashes.</param>
/// <param name="Value">Its value.</param>
/// <param name="Scalar">The scalar that holds the value: the whole flag, or an item of its own after it.</param>
/// <param name="HoldsName">Does the scalar hold the name too?</param>
internal sealed record PodFlag(string Name, string Value, YamlTextScalar Scalar, bool HoldsName);

/// <summary>A mount of kube-apiserver's container where it stands in a manifest.</summary>
/// <param name="Mount">What it is.</param>
/// <param name="VolumeMount">The entry of <c>volumeMounts</c>.</param>
/// <param name="HostPath">The <c>hostPath</c> of its volume; null when the volume is of another type or missing.</param>
/// <param name="HasVolume">Is there a volume of its name?</param>
internal sealed record PodMount(HostMount Mount, YamlTextMapping VolumeMount, YamlTextMapping? HostPath, bool HasVolume);

/// <summary>kube-apiserver's pod in a static pod's manifest.</summary>
internal sealed class PodManifest
{
    /// <summary>The pod's annotation that holds the hash of the policy, so that a change of the policy changes the manifest, and kubelet restarts the pod.</summary>
    public const string PolicyAnnotation = "vedette.dev/audit-policy-sha256";

    private PodManifest(string file, YamlEditor editor, YamlTextMapping pod, YamlTextMapping spec, YamlTextMapping container)
    {
        File = file;
        Editor = editor;
        Pod = pod;
        Spec = spec;
        Container = container;
        Flags = [.. FlagsOf(container["args"]?.Value.Resolved as YamlTextSequence, FlagsOf(container["command"]?.Value.Resolved as YamlTextSequence, []))];
        Mounts = [.. MountsOf()];
    }

    public string File { get; }

    public YamlEditor Editor { get; }

    public YamlTextMapping Pod { get; }

    public YamlTextMapping Spec { get; }

    public YamlTextMapping Container { get; }

    private static readonly string[] s_flagLists = ["args", "command"];

    /// <summary>All flags of kube-apiserver, in order.</summary>
    public ImmutableArray<PodFlag> Flags { get; }

    /// <summary>All mounts.</summary>
    public ImmutableArray<PodMount> Mounts { get; }

    /// <summary>Names of all volumes.</summary>
    public IEnumerable<string> VolumeNames => Volumes().Select(volume => volume["name"]?.Value.Text ?? "");

    /// <summary>The list that flags are added to: where flags are, else the command.</summary>
    public YamlTextSequence? FlagList =>
        s_flagLists.Select(name => Container[name]?.Value.Resolved).OfType<YamlTextSequence>()
            .FirstOrDefault(list => list.Items.Any(item => item.Text?.StartsWith("--", StringComparison.Ordinal) == true))
        ?? Container["command"]?.Value.Resolved as YamlTextSequence;

    /// <summary>Finds kube-apiserver's pod in a manifest.</summary>
    /// <returns>Null when it is not there; <paramref name="problem"/> then says why.</returns>
    public static PodManifest? Open(string file, string text, out Diagnostic? problem)
    {
        if (YamlEditor.Open(file, text, out problem) is not { } editor)
        {
            return null;
        }

        foreach (YamlTextMapping pod in editor.Documents.OfType<YamlTextMapping>().Where(document => document["kind"]?.Value.Text == "Pod"))
        {
            if (pod["spec"]?.Value.Resolved is YamlTextMapping spec && spec["containers"]?.Value.Resolved is YamlTextSequence containers
                && containers.Items.Select(item => item.Resolved).OfType<YamlTextMapping>().FirstOrDefault(RunsApiServer) is { } container)
            {
                return new PodManifest(file, editor, pod, spec, container);
            }
        }

        problem = new Diagnostic("VC1000", DiagnosticSeverity.Error, file, 0, 0, "there is no pod with a container of kube-apiserver in it");
        return null;
    }

    /// <summary>What the kube-apiserver of the manifest gets.</summary>
    public ObservedApiServer Observe() => new()
    {
        File = File,
        Flags = [.. Flags.Where(flag => flag.Name.StartsWith("audit", StringComparison.Ordinal)).Select(flag => new ObservedFlag(flag.Name, flag.Value, PlaceOf(flag.Scalar)))],
        Mounts = [.. Mounts.Where(mount => mount.HostPath is not null).Select(mount => mount.Mount)],
        VolumeNames = [.. VolumeNames],
        PolicyHash = Annotations?[PolicyAnnotation]?.Value.Text,
    };

    /// <summary>The pod's annotations.</summary>
    public YamlTextMapping? Annotations => (Pod["metadata"]?.Value.Resolved as YamlTextMapping)?["annotations"]?.Value.Resolved as YamlTextMapping;

    /// <summary>Does a list or map stand in the pod more than once, by an anchor? To edit it would change the other places too.</summary>
    public bool IsShared(YamlTextNode node) => Uses(Spec, node) > 1;

    private static int Uses(YamlTextNode within, YamlTextNode node) => (ReferenceEquals(within, node) ? 1 : 0) + within switch
    {
        YamlTextAlias alias => ReferenceEquals(alias.Target, node) ? 1 : 0,
        YamlTextSequence sequence => sequence.Items.Sum(item => Uses(item, node)),
        YamlTextMapping mapping => mapping.Members.Sum(member => Uses(member.Value, node)),
        _ => 0,
    };

    private Place PlaceOf(YamlTextNode node)
    {
        (int line, int column) = Editor.PlaceOf(node.Start);
        return new Place(File, line, column);
    }

    private static bool RunsApiServer(YamlTextMapping container) =>
        container["name"]?.Value.Text == "kube-apiserver"
        || container["command"]?.Value.Resolved is YamlTextSequence { Items: [var program, ..] } && program.Text?.Split('/')[^1] == "kube-apiserver";

    private static List<PodFlag> FlagsOf(YamlTextSequence? list, List<PodFlag> flags)
    {
        for (int i = 0; i < (list?.Items.Length ?? 0); i++)
        {
            if (list!.Items[i].Resolved is not YamlTextScalar { Value: var text } scalar || !text.StartsWith('-'))
            {
                continue;
            }

            string flag = text.TrimStart('-');
            int equals = flag.IndexOf('=', StringComparison.Ordinal);
            if (equals >= 0)
            {
                flags.Add(new PodFlag(flag[..equals], flag[(equals + 1)..], scalar, true));
            }
            else if (IsTruth(flag))
            {
                // A boolean takes no item after it: --audit-log-compress alone is true.
                flags.Add(new PodFlag(flag, "true", scalar, true));
            }
            else if (i + 1 < list.Items.Length && list.Items[i + 1].Resolved is YamlTextScalar value && !value.Value.StartsWith("--", StringComparison.Ordinal))
            {
                flags.Add(new PodFlag(flag, value.Value, value, false));
                i++;
            }
            else
            {
                flags.Add(new PodFlag(flag, "true", scalar, true));
            }
        }

        return flags;
    }

    private static bool IsTruth(string flag) => AuditFlag.All.TryGetValue(flag, out AuditFlag? known) && known.Type == AuditFlagType.Truth;

    private IEnumerable<PodMount> MountsOf()
    {
        foreach (YamlTextMapping mount in Items(Container["volumeMounts"]))
        {
            string name = mount["name"]?.Value.Text ?? "";
            YamlTextMapping? volume = Volumes().FirstOrDefault(volume => volume["name"]?.Value.Text == name);
            YamlTextMapping? hostPath = volume?["hostPath"]?.Value.Resolved as YamlTextMapping;
            yield return new PodMount(
                new HostMount(
                    name, hostPath?["path"]?.Value.Text ?? "", mount["mountPath"]?.Value.Text ?? "", mount["readOnly"]?.Value.Text is "true" or "True" or "TRUE" or "yes" or "on",
                    hostPath?["type"]?.Value.Text ?? ""),
                mount, hostPath, volume is not null);
        }
    }

    private IEnumerable<YamlTextMapping> Volumes() => Items(Spec["volumes"]);

    private static IEnumerable<YamlTextMapping> Items(YamlTextMember? member) => (member?.Value.Resolved as YamlTextSequence)?.Items.Select(item => item.Resolved).OfType<YamlTextMapping>() ?? [];
}
