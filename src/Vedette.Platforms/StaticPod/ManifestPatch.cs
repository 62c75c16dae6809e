using System.Collections.Immutable;
using System.Globalization;
using Vedette.Documents;
using Vedette.Documents.Editing;
using Vedette.Platforms.ApiServer;
using Vedette.Platforms.Setup;

namespace Vedette.Platforms.StaticPod;

/// <summary>A manifest with auditing patched into it.</summary>
/// <param name="Text">The manifest.</param>
/// <param name="Files">The plan's files where the mounts of the manifest look for them on the node.</param>
/// <param name="LogFile">The log on the node; null when there is none.</param>
internal sealed record PatchedManifest(string Text, ImmutableArray<RenderedFile> Files, string? LogFile);

/// <summary>
/// Patches a kube-apiserver manifest: only what must change changes. What is there and right stays (a log path that is mounted, limits of rotation that are higher). A patch is taken back before it is
/// made again, so patching twice is patching once.
/// </summary>
internal sealed class ManifestPatch
{
    private readonly PodManifest _manifest;
    private readonly AuditPlan _plan;
    private readonly List<Refusal> _refusals;
    private readonly HashSet<string> _names;
    private readonly List<YamlValue> _flags = [];
    private readonly List<YamlValue> _mounts = [];
    private readonly List<YamlValue> _volumes = [];
    private readonly List<RenderedFile> _files = [];
    private string? _logFile;

    private ManifestPatch(PodManifest manifest, AuditPlan plan, List<Refusal> refusals)
    {
        _manifest = manifest;
        _plan = plan;
        _refusals = refusals;
        _names = new HashSet<string>(manifest.VolumeNames, StringComparer.Ordinal);
    }

    /// <summary>Patches a manifest.</summary>
    /// <returns>Null when it cannot be done, with the reasons in <paramref name="refusals"/>.</returns>
    public static PatchedManifest? Apply(string file, string text, AuditPlan plan, string policyHash, List<Refusal> refusals)
    {
        if (text.AsSpan().TrimStart().StartsWith("{"))
        {
            // kubelet takes such a text for JSON, where the comments that a patch needs have no place.
            refusals.Add(new Refusal($"{file}: this manifest is JSON", "write it as YAML"));
            return null;
        }

        string original = ManifestUndo.Revert(text, out string? why);
        if (why is not null)
        {
            refusals.Add(new Refusal($"{file}: {why}", "or give the manifest as it was before"));
            return null;
        }

        if (PodManifest.Open(file, original, out Diagnostic? problem) is not { } manifest)
        {
            refusals.Add(new Refusal(problem!.ToString(), "give kube-apiserver's own manifest, /etc/kubernetes/manifests/kube-apiserver.yaml"));
            return null;
        }

        ManifestPatch patch = new(manifest, plan, refusals);
        return patch.Run(policyHash);
    }

    private PatchedManifest? Run(string policyHash)
    {
        if (_manifest.FlagList is not { } flagList || flagList.Items.Any(item => item.Text?.Contains("kube-apiserver ", StringComparison.Ordinal) == true))
        {
            _refusals.Add(new Refusal($"{_manifest.File}: kube-apiserver's flags are not items of command or args", "write each flag as an item of its own"));
            return null;
        }

        foreach ((string name, string value) in _plan.Flags)
        {
            SetFlag(name, value);
        }

        foreach (HostMount mount in _plan.Mounts)
        {
            SetMount(mount);
        }

        AddItems(_manifest.Container, _manifest.Container["args"]?.Value.Resolved == flagList ? "args" : "command", _flags);
        AddItems(_manifest.Container, "volumeMounts", _mounts);
        AddItems(_manifest.Spec, "volumes", _volumes);
        Annotate(policyHash);
        if (_refusals.Count > 0)
        {
            return null;
        }

        string patched = _manifest.Editor.Apply(out IReadOnlyList<TextEdit> edits);
        return new PatchedManifest(ManifestUndo.Record(patched, edits), [.. _files], _logFile);
    }

    private void SetFlag(string name, string value)
    {
        if (_manifest.Flags.LastOrDefault(flag => flag.Name == name) is not { } there)
        {
            _flags.Add(YamlValue.Of($"--{name}={value}"));
        }
        else if (there.Value != value && !Keeps(name, there.Value, value))
        {
            _manifest.Editor.Replace(there.Scalar, there.HoldsName ? $"--{name}={value}" : value);
        }
    }

    /// <summary>Is what is there as good as what is planned, or better?</summary>
    private bool Keeps(string name, string there, string planned) => name switch
    {
        "audit-log-path" => there.StartsWith('/') && _manifest.Observe().MountOf(there) is { IsReadOnly: false } mount && mount.MountPath != there,
        "audit-log-maxage" or "audit-log-maxbackup" or "audit-log-maxsize" or "audit-webhook-batch-buffer-size" or "audit-webhook-batch-throttle-qps" or "audit-webhook-batch-throttle-burst" =>
            long.TryParse(there, NumberStyles.None, CultureInfo.InvariantCulture, out long have) && have >= long.Parse(planned, CultureInfo.InvariantCulture),
        _ => false,
    };

    private void SetMount(HostMount wanted)
    {
        bool isLog = !wanted.IsReadOnly;
        string path = isLog ? LogPath() : wanted.MountPath;
        string mountPath = isLog ? path[..path.LastIndexOf('/')] : path;
        if (_manifest.Mounts.Where(mount => mount.Mount.Covers(path)).MaxBy(mount => mount.Mount.MountPath.Length) is { } there)
        {
            bool isExact = there.Mount.MountPath.TrimEnd('/') == mountPath || there.Mount.MountPath == path;
            if (isExact || there.HostPath is not null && there.Mount.IsReadOnly == wanted.IsReadOnly)
            {
                Mend(there, wanted, path, isExact);
                return;
            }
        }

        string name = wanted.Name;
        while (!_names.Add(name))
        {
            name = "vedette-" + name;
        }

        _mounts.Add(wanted.IsReadOnly
            ? YamlValue.Map(("mountPath", YamlValue.Of(mountPath)), ("name", YamlValue.Of(name)), ("readOnly", YamlValue.Of(true)))
            : YamlValue.Map(("mountPath", YamlValue.Of(mountPath)), ("name", YamlValue.Of(name))));
        AddVolume(name, mountPath, wanted.Type);
        Place(wanted, path);
    }

    /// <summary>Makes a mount that is there fit: its volume, its type, whether it can be written to.</summary>
    /// <param name="there">The mount.</param>
    /// <param name="wanted">What the plan has in its place.</param>
    /// <param name="path">The file that kube-apiserver is to see through it.</param>
    /// <param name="isExact">Is it at the very place of the planned one, not around it?</param>
    private void Mend(PodMount there, HostMount wanted, string path, bool isExact)
    {
        bool isLog = !wanted.IsReadOnly;
        if (there.HasVolume && there.HostPath is null)
        {
            _refusals.Add(new Refusal($"{_manifest.File}: {path} is in the volume '{there.Mount.Name}', which is no hostPath", "mount a hostPath there, or remove the mount"));
            return;
        }

        if (isLog && there.Mount.MountPath == path)
        {
            _refusals.Add(new Refusal($"{_manifest.File}: the log {path} is mounted as a single file, which rotation cannot rename", $"mount its directory, {path[..path.LastIndexOf('/')]}"));
            return;
        }

        if (!there.HasVolume)
        {
            AddVolume(there.Mount.Name, there.Mount.MountPath, isExact ? wanted.Type : "DirectoryOrCreate");
        }
        else if (isExact && there.HostPath!["type"]?.Value is YamlTextScalar type && type.Value != wanted.Type && !(isLog && type.Value is "" or "Directory"))
        {
            _manifest.Editor.Replace(type, wanted.Type);
        }

        if (there.VolumeMount["readOnly"]?.Value is YamlTextScalar readOnly)
        {
            if (there.Mount.IsReadOnly != wanted.IsReadOnly)
            {
                _manifest.Editor.Replace(readOnly, wanted.IsReadOnly);
            }
        }
        else if (wanted.IsReadOnly)
        {
            _manifest.Editor.Add(there.VolumeMount, "readOnly", YamlValue.Of(true));
        }

        Place(wanted, there.HasVolume ? there.Mount.OnHost(path) : path);
    }

    /// <summary>Notes where a file of the plan has to be on the node.</summary>
    private void Place(HostMount wanted, string onHost)
    {
        if (!wanted.IsReadOnly)
        {
            _logFile = onHost;
        }
        else if (_plan.Files.FirstOrDefault(file => file.Path == wanted.HostPath) is { } file)
        {
            _files.Add(file with { Path = onHost });
        }
    }

    private void AddVolume(string name, string path, string type) =>
        _volumes.Add(YamlValue.Map(("hostPath", YamlValue.Map(("path", YamlValue.Of(path)), ("type", YamlValue.Of(type)))), ("name", YamlValue.Of(name))));

    private string LogPath()
    {
        string planned = _plan.Flags.First(flag => flag.Name == "audit-log-path").Value;
        return _manifest.Flags.LastOrDefault(flag => flag.Name == "audit-log-path") is { } there && Keeps(there.Name, there.Value, planned) ? there.Value : planned;
    }

    private void Annotate(string policyHash)
    {
        YamlValue hash = YamlValue.Of(policyHash);
        if (_manifest.Annotations?[PodManifest.PolicyAnnotation]?.Value is YamlTextScalar there)
        {
            if (there.Value != policyHash)
            {
                _manifest.Editor.Replace(there, policyHash);
            }
        }
        else if (_manifest.Pod["metadata"]?.Value.Resolved is not YamlTextMapping metadata)
        {
            _refusals.Add(new Refusal($"{_manifest.File}: the pod has no metadata", "give it a name"));
        }
        else if (_manifest.Annotations is { } annotations)
        {
            _manifest.Editor.Add(annotations, PodManifest.PolicyAnnotation, hash);
        }
        else if (metadata["annotations"] is { } empty)
        {
            _manifest.Editor.Fill(empty, YamlValue.Map((PodManifest.PolicyAnnotation, hash)));
        }
        else
        {
            _manifest.Editor.Add(metadata, "annotations", YamlValue.Map((PodManifest.PolicyAnnotation, hash)));
        }
    }

    /// <summary>Adds items to a list that may not be there yet.</summary>
    private void AddItems(YamlTextMapping parent, string name, List<YamlValue> items)
    {
        if (items.Count == 0)
        {
            return;
        }

        switch (parent[name])
        {
            case { Value.Resolved: YamlTextSequence list } when _manifest.IsShared(list):
                _refusals.Add(new Refusal($"{_manifest.File}: {name} is shared with another place by an anchor", "write it out in both places"));
                break;
            case { Value.Resolved: YamlTextSequence list }:
                _manifest.Editor.Append(list, items);
                break;
            case { Value: YamlTextScalar { Value: "" or "null" or "~" } } empty:
                _manifest.Editor.Fill(empty, YamlValue.List([.. items]));
                break;
            case null:
                _manifest.Editor.Add(parent, name, YamlValue.List([.. items]));
                break;
            default:
                _refusals.Add(new Refusal($"{_manifest.File}: {name} is no list", "write it as a list"));
                break;
        }
    }
}
