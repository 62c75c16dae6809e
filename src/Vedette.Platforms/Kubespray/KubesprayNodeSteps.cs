using Vedette.Platforms.Setup;

namespace Vedette.Platforms.Kubespray;

/// <summary>Steps of both ways of set-up.</summary>
internal static class KubesprayNodeSteps
{
    /// <summary>Adds them.</summary>
    /// <param name="version">Version of Kubespray.</param>
    /// <param name="playbook">A playbook of our own; empty for Kubespray's.</param>
    /// <param name="logFile">The log on a node; null when there is none.</param>
    /// <param name="output">Takes the steps.</param>
    public static void Add(KubesprayVersion version, string playbook, string? logFile, SetupOutput output)
    {
        string inventory = output.ShellValue("INVENTORY", "directory of your inventory, as an absolute path: /…/inventory/mycluster");
        string hosts = output.ShellValue("HOSTS", "its file of hosts, as an absolute path: /…/inventory/mycluster/inventory.ini or hosts.yaml");
        output.Apply(new Step(
            "Put the variables into your inventory", "In this directory. The last command says what of your inventory has an effect, and what kube-apiserver will get.",
            $"""
            install -d {inventory}/group_vars/k8s_cluster
            install -m 0600 {KubesprayRules.Variables} {inventory}/group_vars/k8s_cluster/vedette-audit.yml
            vedette verify kubespray --inventory {inventory} --kubespray-version {version}
            """));
        string run = playbook.Length > 0 ? playbook : "cluster.yml";
        string enter = playbook.Length > 0 ? "" : $"cd {output.ShellValue("KUBESPRAY", "your copy of Kubespray, as an absolute path")} || exit 1\n";
        string where = playbook.Length > 0 ? "In this directory, with Kubespray installed as a collection (kubernetes_sigs.kubespray)." : "";
        output.Apply(new Step("A new cluster", where, $"{enter}ansible-playbook -b -i {hosts} {run}"));
        output.Apply(new Step(
            "A cluster that runs", "Without `upgrade_cluster_setup` Kubespray leaves the manifest of a running kube-apiserver as it is. `upgrade-cluster.yml` does the same and drains nodes as well.",
            $"{enter}ansible-playbook -b -i {hosts} {run} -e upgrade_cluster_setup=true",
            "kube-apiserver of every control-plane node. With one control-plane node the API is away for some ten seconds."));
        if (!version.RestartsOnPolicy)
        {
            output.Note($"Kubespray {version} does not restart kube-apiserver when only the policy changes: stop its pod with crictl, on one control-plane node after the other.");
        }

        if (logFile is not null)
        {
            output.Check(new Step("Look at the log", "On a control-plane node.", $"sudo tail -n 1 {logFile}"));
        }

        output.Check(new Step("Ask for everything at once", "On a control-plane node, as root.", "kubectl get --raw /metrics | sudo vedette verify static-pod --root / --metrics -"));
        output.Undo(new Step(
            "Take the variables away", "And let Kubespray write the manifests again.",
            $"""
            rm {inventory}/group_vars/k8s_cluster/vedette-audit.yml
            {enter}ansible-playbook -b -i {hosts} {(playbook.Length > 0 ? "kubernetes_sigs.kubespray.cluster" : "cluster.yml")} -e upgrade_cluster_setup=true
            """,
            "kube-apiserver of every control-plane node."));
    }
}
