using Vedette.Platforms.Setup;

namespace Vedette.Platforms.Shippers;

/// <summary>Renders configurations of shippers for one target.</summary>
internal sealed class ShipperSetup(SetupRequest request, SetupOutput output, ShippingTarget target, string site, Shipper[] shippers)
{
    private readonly string _log = request.Options["file"] ?? ApiServer.NodePaths.Kubernetes.LogFile;

    /// <summary>kube-apiserver renames the log to audit-TIME.log when it rotates it.</summary>
    private string Rotated => Path.ChangeExtension(_log, null) + "-*" + Path.GetExtension(_log);

    /// <summary>Renders everything.</summary>
    public void Render()
    {
        output.Add(new RenderedFile(
            "shipper.env", string.Concat(target.Values.Select(value => $"# {value.Meaning}\n{value.Name}={output.Value(value.Name, value.Meaning)}\n")), "values, as /etc/vedette/shipper.env", RenderedFile.Private));
        foreach (Shipper shipper in shippers)
        {
            Config(shipper);
            output.Add(new RenderedFile(
                $"{shipper.Name}/service.conf",
                Template.Fill("shippers/service.conf", ("SERVICE", shipper.Service), ("RIGHTS", shipper.User is { } user ? Template.Fill("shippers/rights.conf", ("USER", user)) : "# It runs as root, who may read the log: kube-apiserver makes it 0600.")),
                $"{shipper.Name}: values and rights for its service"));
        }

        Steps();
        output.Note(target.Note);
        output.Note("kube-apiserver makes its log 0600, owned by root, and makes it anew at each rotation: chmod does not last, and others would read secrets' names and bodies. The service files give the shipper the right to read it instead.");
        if (request.Residency.IsRestricted)
        {
            output.Note($"Data may be in {request.Residency} only: names of hosts that tell another region are refused, here and by verify. A host whose name tells nothing has to be asked for: its owner's contract says where it is.");
        }
    }

    private void Config(Shipper shipper)
    {
        string fragment = $"shippers/{shipper.Name}/{target.Name}{shipper.Ending}";
        string sending = Fill(fragment);
        List<(string, string)> values = [("TARGET", target.Title), ("LOG", _log), ("OUTPUT", sending)];
        switch (shipper.Name)
        {
            case "fluentd":
                bool parses = target.Name is "elasticsearch" or "splunk" or "loki";
                values[^1] = ("OUTPUT", (parses ? Template.Fill("shippers/fluentd/json.conf") : "") + (parses ? "\n\n" : "") + sending.TrimEnd('\n'));
                values.AddRange([("ROTATED", Rotated), ("CHUNK", target.Name is "cloudwatch" or "sumologic" ? "1m" : "4m"), ("FLUSH", target.Name == "s3" ? "300s" : "1s")]);
                break;
            case "filebeat":
                values.AddRange([("ROTATED", Rotated), ("CLUSTER", request.Cluster), ("PARSERS", target.Name == "vedette" ? "" : Template.Fill("shippers/filebeat/parsers.yml"))]);
                break;
            case "rsyslog":
                values.AddRange([("MAX_LINE", shipper.MaxLine), ("TLS", target.Name == "vedette" ? Template.Fill("shippers/rsyslog/tls.conf") : ""), ("MODULE", target.Name == "elasticsearch" ? "# Package rsyslog-elasticsearch.\nmodule(load=\"omelasticsearch\")" : "")]);
                break;
            default:
                values.AddRange([("ROTATED", Rotated), ("MAX_LINE", shipper.MaxLine)]);
                break;
        }

        output.Add(new RenderedFile($"{shipper.Name}/{shipper.ConfigFile}", Template.Fill($"shippers/{shipper.Name}/config{shipper.Ending}", [.. values]), $"{shipper.Name}: configuration"));
        if (shipper.Name == "rsyslog" && target.Name == "vedette")
        {
            output.Add(new RenderedFile("rsyslog/10-kubernetes-audit-receiver.conf", Template.Fill("shippers/rsyslog/receiver.conf", ("MAX_LINE", shipper.MaxLine)), "rsyslog: on the host of Vedette"));
        }
    }

    /// <summary>A fragment with the cluster and the site in it, where it names them.</summary>
    private string Fill(string fragment) => Template.FillKnown(fragment, ("CLUSTER", request.Cluster), ("SITE", site));

    private void Steps()
    {
        output.Apply(new Step(
            "On each control-plane node: values and rights", "Fill in shipper.env first. Then, for the shipper you use:",
            string.Join('\n', shippers.Select(shipper =>
                $"# {shipper.Name}\nsudo install -D -m 0600 -o root -g root shipper.env /etc/vedette/shipper.env\nsudo install -D -m 0644 {shipper.Name}/service.conf /etc/systemd/system/{shipper.Service}.service.d/kubernetes-audit.conf"))));
        output.Apply(new Step(
            "Its configuration", "Check it before the restart, as its first line says. One node first.",
            string.Join('\n', shippers.Select(shipper =>
                $"# {shipper.Name}\nsudo install -D -m 0600 {shipper.Name}/{shipper.ConfigFile} {Place(shipper)}\nsudo systemctl daemon-reload\nsudo systemctl restart {shipper.Service}")),
            "the shipper; kube-apiserver does not"));
        output.Check(new Step("Is the configuration as it should be?", "", "vedette verify shippers --setup ."));
        output.Check(new Step(
            "Does an event arrive?", $"Make one, and look for it in {target.Title}.",
            string.Join('\n', shippers.Select(shipper => $"sudo journalctl --unit {shipper.Service} --since -5min --no-pager")) + "\nkubectl get namespace \"marker-$(date +%s)\" || true"));
        output.Undo(new Step(
            "Take it back", "",
            string.Join('\n', shippers.Select(shipper =>
                $"# {shipper.Name}\nsudo rm -f {Place(shipper)} /etc/systemd/system/{shipper.Service}.service.d/kubernetes-audit.conf\nsudo systemctl daemon-reload\nsudo systemctl restart {shipper.Service}"))
            + "\nsudo rm -f /etc/vedette/shipper.env"));
    }

    private static string Place(Shipper shipper) => shipper.Name switch
    {
        "vector" => "/etc/vector/vector.yaml",
        "fluent-bit" => "/etc/fluent-bit/fluent-bit.conf",
        "fluentd" => "/etc/fluent/fluentd.conf",
        "filebeat" => "/etc/filebeat/filebeat.yml",
        _ => "/etc/rsyslog.d/60-kubernetes-audit.conf",
    };
}
