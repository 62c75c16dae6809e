using Vedette.Documents.Yaml;
using Vedette.Platforms.ApiServer;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.Kubespray;

/// <summary>Verifies an inventory: what of it has no effect, and what kube-apiserver really gets.</summary>
internal static class InventoryVerification
{
    /// <summary>Verifies.</summary>
    public static void Run(VerifyRequest request, Verdict verdict)
    {
        string directory = request.Options["inventory"] ?? request.InSetup(KubesprayRules.Inventory);
        Place whole = new(directory);
        if (!KubesprayVersion.TryParse(request.Options["kubespray-version"] ?? "", out KubesprayVersion version) && request.Options["kubespray-version"] is { } text)
        {
            verdict.CannotTell(KubesprayChecks.Readable, whole, $"Kubespray {text} is not known here", $"name a version from v2.{KubesprayVersion.Oldest}.0 on, or master");
            return;
        }

        if (!Directory.Exists(directory))
        {
            verdict.CannotTell(KubesprayChecks.Readable, whole, "there is no such directory", "name the inventory's directory by --inventory");
            return;
        }

        Inventory inventory = Inventory.Read(directory, request.Files);
        foreach ((Place place, string why) in inventory.Unreadable)
        {
            verdict.CannotTell(KubesprayChecks.Readable, place, why, "what is in this file is not looked at");
        }

        verdict.Ok(KubesprayChecks.Readable, whole, $"{inventory.Variables.Count()} variables, for Kubespray {version}");
        Names(inventory, verdict);
        KubesprayModel model = new(inventory.Variables.Where(variable => Inventory.Reaches(variable.Group)), version, directory);
        Switch(model, whole, verdict);
        Effects(inventory, model, verdict);
        Rules(model, verdict);
        Mounts(model, verdict);
        Arguments(model, version, verdict);
        ObservedApiServer observed = model.Observe();
        if (observed.Flags.Length > 0)
        {
            string root = request.InSetup(AuditPlan.NodeFolder);
            verdict.Ok(KubesprayChecks.Result, new Place(observed.File), string.Join(" ", observed.Flags.Select(flag => $"--{flag.Name}={flag.Value}")));
            verdict.Ok(KubesprayChecks.Result, new Place(observed.File), string.Join(", ", (observed.Mounts ?? []).Select(mount => $"{mount.Name}: {mount.HostPath} at {mount.MountPath}")));
            ApiServerVerification.Run(observed, new NodeFiles(request.SetupDirectory is not null && Directory.Exists(root) ? root : null, observed, request.Files), "", request, verdict);
        }

        foreach (string file in Inventory.FilesBelow(directory).Where(file => Path.GetExtension(file) is ".yml" or ".yaml"))
        {
            if (request.Files.TryReadText(file, out string content))
            {
                ApiServerVerification.FilledIn(file, content, verdict);
            }
        }
    }

    private static void Names(Inventory inventory, Verdict verdict)
    {
        int wrong = 0;
        foreach (InventoryVariable variable in inventory.Variables)
        {
            if (KubesprayVariable.Instead(variable.Name) is { } instead)
            {
                wrong++;
                verdict.Wrong(KubesprayChecks.KnownVariables, variable.Place, $"{variable.Name} is a variable of no version of Kubespray; it has no effect", $"write {instead}");
            }
        }

        if (wrong == 0)
        {
            verdict.Ok(KubesprayChecks.KnownVariables, new Place(inventory.Variables.FirstOrDefault()?.Place.File ?? "inventory"), "all are Kubespray's");
        }
    }

    private static void Switch(KubesprayModel model, Place whole, Verdict verdict)
    {
        bool byArguments = model.ExtraArguments.Any(member => member.Key.Text == "audit-policy-file");
        if (model.HasLog || model.HasWebhook || byArguments)
        {
            string by = string.Join(" and ", new[] { model.HasLog ? "kubernetes_audit" : null, model.HasWebhook ? "kubernetes_audit_webhook" : null, byArguments ? "extra arguments" : null }.OfType<string>());
            verdict.Ok(KubesprayChecks.SwitchedOn, model.Given("kubernetes_audit")?.Place ?? whole, $"by {by}");
        }
        else
        {
            verdict.Wrong(KubesprayChecks.SwitchedOn, whole, "kube-apiserver gets no audit flag and no audit mount: neither kubernetes_audit nor kubernetes_audit_webhook is true", "set kubernetes_audit: true in group_vars/k8s_cluster");
        }

        foreach (string name in (ReadOnlySpan<string>)["kubernetes_audit", "kubernetes_audit_webhook"])
        {
            if (model.Given(name) is { Value: YamlScalar { Text: "false" or "False" or "no" } } set && model.IsTrue(name))
            {
                verdict.Wrong(KubesprayChecks.SwitchedOn, set.Place, $"{name} is the text \"false\", which Jinja takes for true", "write false without quotes; in an INI inventory, False");
            }
        }
    }

    private static void Effects(Inventory inventory, KubesprayModel model, Verdict verdict)
    {
        foreach (InventoryVariable variable in inventory.Variables.Where(variable => KubesprayVariable.Defaults.ContainsKey(variable.Name) && variable.Name != "kube_config_dir"))
        {
            if (!Inventory.Reaches(variable.Group))
            {
                verdict.Wrong(KubesprayChecks.Effective, variable.Place, $"{variable.Name} is set for {variable.Group}, where no kube-apiserver runs", "set it in group_vars/k8s_cluster");
            }
            else if (model.Given(variable.Name) is { } last && last != variable)
            {
                verdict.Wrong(KubesprayChecks.Effective, variable.Place, $"{variable.Name} is set again in {last.Place.File}:{last.Place.Line}, which counts; dictionaries are replaced, not merged", "set it once");
            }
            else if (Needs(variable.Name, model) is { } need)
            {
                verdict.Wrong(KubesprayChecks.Effective, variable.Place, $"{variable.Name} has no effect without {need}", $"set {need}: true");
            }
        }

        if (model.Given("audit_policy_file") is { } file && (model.HasLog || model.HasWebhook) && model.Given("audit_policy_custom_rules") is null)
        {
            verdict.Wrong(
                KubesprayChecks.Effective, file.Place, "audit_policy_file is only where Kubespray writes the policy on the node: a file of yours there is overwritten, with Kubespray's own rules", "give your rules as audit_policy_custom_rules: |");
        }

        if (model.Given("audit_webhook_config_file") is { } webhook && model.HasWebhook && model.Given("audit_webhook_server_url") is null)
        {
            verdict.Wrong(
                KubesprayChecks.Effective, webhook.Place, "audit_webhook_config_file is only where Kubespray writes the kubeconfig: a file of yours there is overwritten, and events go to https://audit.app", "set audit_webhook_server_url");
        }
    }

    private static string? Needs(string name, KubesprayModel model) => name switch
    {
        _ when name.StartsWith("audit_webhook_", StringComparison.Ordinal) && !model.HasWebhook => "kubernetes_audit_webhook",
        "audit_log_maxage" or "audit_log_maxbackups" or "audit_log_maxsize" when !model.HasLog => "kubernetes_audit",
        _ when name.StartsWith("audit_", StringComparison.Ordinal) && !model.HasLog && !model.HasWebhook => "kubernetes_audit",
        _ => null,
    };

    private static void Rules(KubesprayModel model, Verdict verdict)
    {
        if (model.Given("audit_policy_custom_rules") is not { } rules)
        {
            return;
        }

        if (rules.Value is not YamlScalar text)
        {
            verdict.Wrong(KubesprayChecks.RulesAreText, rules.Place, "audit_policy_custom_rules is a list: the template indents a text, and writes a list as Python shows it", "write audit_policy_custom_rules: | and the rules below it");
        }
        else if (text.Text.Contains("apiVersion:", StringComparison.Ordinal) || text.Text.Contains("kind: Policy", StringComparison.Ordinal))
        {
            verdict.Wrong(KubesprayChecks.RulesAreText, rules.Place, "audit_policy_custom_rules is a whole policy: the template has the head already", "give the list below 'rules:' only; 'vedette setup kubespray --policy FILE' does so");
        }
        else
        {
            verdict.Ok(KubesprayChecks.RulesAreText, rules.Place, "a text");
        }
    }

    private static void Mounts(KubesprayModel model, Verdict verdict)
    {
        if (model.ForgetsMounts)
        {
            verdict.Wrong(
                KubesprayChecks.MountsMade, model.Given("kubernetes_audit_webhook")!.Place, "kubernetes_audit_webhook alone: where Kubespray knows no directories of CAs (SUSE and others) its template makes no extraVolumes at all, and kube-apiserver does not find its policy",
                "set kubernetes_audit: true too, or any apiserver_extra_volumes");
        }
        else if (model.HasLog || model.HasWebhook)
        {
            verdict.Ok(KubesprayChecks.MountsMade, model.Given("kubernetes_audit")?.Place ?? model.Given("kubernetes_audit_webhook")!.Place, "by Kubespray's template");
        }

        if (!model.HasLog && !model.HasWebhook)
        {
            return;
        }

        foreach (HostMount volume in model.ExtraVolumes().Where(volume => volume.Name == model.Value("audit_policy_name") || volume.Name == model.Value("audit_log_name")))
        {
            verdict.Wrong(KubesprayChecks.VolumeNames, model.Given("apiserver_extra_volumes")!.Place, $"apiserver_extra_volumes has a volume '{volume.Name}', as the template has: two volumes of one name make the pod invalid", "remove it: the mounts of auditing come by themselves");
        }
    }

    private static void Arguments(KubesprayModel model, KubesprayVersion version, Verdict verdict)
    {
        string[] own = [.. model.Observe().Flags.Select(flag => flag.Name)];
        foreach (YamlMember member in model.ExtraArguments.Where(member => own.Count(name => name == member.Key.Text) > 1))
        {
            verdict.Wrong(
                KubesprayChecks.ArgumentsOnce, new Place(model.Given("kube_kubeadm_apiserver_extra_args")!.Place.File, member.Key.Line, member.Key.Column),
                version.ListsArguments ? $"{member.Key.Text} is given by the template already; of two the last one counts" : $"{member.Key.Text} is given by the template already; twice the same key in kubeadm's configuration is an error",
                "use the variable instead");
        }
    }
}
