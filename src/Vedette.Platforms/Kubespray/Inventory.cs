using System.Collections.Frozen;
using Vedette.Documents;
using Vedette.Documents.Yaml;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.Kubespray;

/// <summary>A variable where an inventory sets it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
/// <param name="Group">Group or host it is set for.</param>
/// <param name="Rank">Order in which Ansible takes them; the highest counts.</param>
/// <param name="Place">Where.</param>
internal sealed record InventoryVariable(string Name, YamlNode Value, string Group, int Rank, Place Place);

/// <summary>
/// The variables of an Ansible inventory: group_vars and host_vars, as files or directories, and the vars of INI and YAML inventories. Those of <c>all</c>, <c>k8s_cluster</c>, <c>kube_control_plane</c> and hosts reach
/// kube-apiserver; others do not.
/// </summary>
internal sealed class Inventory
{
    /// <summary>Most files read.</summary>
    public const int MaxFiles = 2000;

    /// <summary>Deepest directory looked into: links may lead round.</summary>
    public const int MaxDepth = 8;

    /// <summary>Groups that every control-plane node is in, from the least to the most exact (Kubespray's docs/ansible/inventory.md).</summary>
    private static readonly FrozenDictionary<string, int> s_groups = new Dictionary<string, int>(StringComparer.Ordinal)
    {
        ["all"] = 0,
        ["k8s_cluster"] = 1,
        ["k8s-cluster"] = 1,
        ["kube_control_plane"] = 2,
        ["kube-master"] = 2,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly InputFiles _files;
    private readonly List<InventoryVariable> _variables = [];
    private readonly List<(Place Place, string Why)> _unreadable = [];

    private Inventory(InputFiles files) => _files = files;

    /// <summary>All variables, in the order Ansible takes them.</summary>
    public IEnumerable<InventoryVariable> Variables => _variables.OrderBy(variable => variable.Rank);

    /// <summary>Files that could not be read.</summary>
    public IReadOnlyList<(Place Place, string Why)> Unreadable => _unreadable;

    /// <summary>Reads an inventory.</summary>
    /// <param name="directory">The directory, <c>inventory/mycluster</c>.</param>
    /// <param name="files">Reads.</param>
    public static Inventory Read(string directory, InputFiles files)
    {
        Inventory inventory = new(files);
        string[] inventories = [.. Directory.EnumerateFiles(directory).Where(file => Path.GetExtension(file) is ".ini" or ".yaml" or ".yml" or "").Order(StringComparer.Ordinal)];
        foreach (string file in inventories)
        {
            inventory.ReadInventory(file);
        }

        inventory.ReadVars(Path.Combine(directory, "group_vars"), isHosts: false);
        inventory.ReadVars(Path.Combine(directory, "host_vars"), isHosts: true);
        return inventory;
    }

    /// <summary>Does a variable of this group reach kube-apiserver? Hosts and groups of the user's own may.</summary>
    public static bool Reaches(string group) => group is not ("kube_node" or "kube-node" or "etcd" or "calico_rr" or "bastion");

    /// <summary>All files below a directory, bounded, in order.</summary>
    public static IEnumerable<string> FilesBelow(string directory) =>
        Directory.EnumerateFiles(directory, "*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = MaxDepth, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.None })
            .Take(MaxFiles).Order(StringComparer.Ordinal);

    private void ReadVars(string directory, bool isHosts)
    {
        if (!Directory.Exists(directory))
        {
            return;
        }

        foreach (string file in FilesBelow(directory).Where(file => Path.GetExtension(file) is ".yml" or ".yaml" or ".json" or ""))
        {
            string first = Path.GetRelativePath(directory, file).Split(Path.DirectorySeparatorChar)[0];
            string group = Path.GetExtension(first) is ".yml" or ".yaml" or ".json" ? Path.GetFileNameWithoutExtension(first) : first;
            if (Text(file) is { } text)
            {
                foreach (YamlMapping map in Documents(file, text).OfType<YamlMapping>())
                {
                    Add(map, group, isHosts ? 200 : 100 + Rank(group), file);
                }
            }
        }
    }

    private void ReadInventory(string file)
    {
        if (Text(file) is not { } text)
        {
            return;
        }

        if (Path.GetExtension(file) is ".yaml" or ".yml")
        {
            foreach (YamlMapping map in Documents(file, text).OfType<YamlMapping>())
            {
                ReadGroups(map, file, 0);
            }
        }
        else
        {
            ReadIni(text, file);
        }
    }

    private void ReadGroups(YamlMapping groups, string file, int depth)
    {
        foreach (YamlMember group in groups.Members)
        {
            if (group.Value is not YamlMapping content || depth > YamlReader.MaxDepth)
            {
                continue;
            }

            if (content["vars"] is YamlMapping vars)
            {
                Add(vars, group.Key.Text, Rank(group.Key.Text), file);
            }

            foreach (YamlMember host in (content["hosts"] as YamlMapping)?.Members ?? [])
            {
                if (host.Value is YamlMapping own)
                {
                    Add(own, host.Key.Text, 150, file);
                }
            }

            if (content["children"] is YamlMapping children)
            {
                ReadGroups(children, file, depth + 1);
            }
        }
    }

    /// <summary>Sections [group:vars] of an INI inventory: values are texts, save True, False and numbers (Python's literals).</summary>
    private void ReadIni(string text, string file)
    {
        string? group = null;
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim();
            if (line is ['[', .., ']'])
            {
                group = line.EndsWith(":vars]", StringComparison.Ordinal) ? line[1..^":vars]".Length] : null;
            }
            else if (group is not null && line.Length > 0 && line[0] is not ('#' or ';') && line.IndexOf('=', StringComparison.Ordinal) is > 0 and int equals)
            {
                string value = line[(equals + 1)..].Trim();
                bool isQuoted = value is ['"', .., '"'] or ['\'', .., '\''];
                YamlScalar scalar = new(isQuoted ? value[1..^1] : value, !isQuoted && value is "True" or "False", i + 1, equals + 2);
                _variables.Add(new InventoryVariable(line[..equals].Trim(), scalar, group, Rank(group), new Place(file, i + 1, 1)));
            }
        }
    }

    private void Add(YamlMapping map, string group, int rank, string file)
    {
        foreach (YamlMember member in map.Members)
        {
            _variables.Add(new InventoryVariable(member.Key.Text, member.Value, group, rank, new Place(file, member.Key.Line, member.Key.Column)));
        }
    }

    /// <summary>Groups that are not Kubespray's stand between its own and the hosts.</summary>
    private static int Rank(string group) => s_groups.TryGetValue(group, out int rank) ? rank * 2 : 3;

    private string? Text(string file)
    {
        if (!_files.TryReadText(file, out string text))
        {
            _unreadable.Add((new Place(file), text));
            return null;
        }

        if (text.StartsWith("$ANSIBLE_VAULT", StringComparison.Ordinal))
        {
            _unreadable.Add((new Place(file), "it is encrypted with ansible-vault"));
            return null;
        }

        return text;
    }

    private IEnumerable<YamlNode> Documents(string file, string text)
    {
        List<Diagnostic> diagnostics = [];
        IEnumerable<YamlNode> documents = YamlReader.Read(file, text, diagnostics);
        _unreadable.AddRange(diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Select(diagnostic => (new Place(file, diagnostic.Line, diagnostic.Column), diagnostic.Message)));
        return documents;
    }
}
