using System.Collections.Immutable;

namespace Vedette.Platforms.Shippers;

/// <summary>Where a shipper sends audit events.</summary>
/// <param name="Name">What people type.</param>
/// <param name="Title">What it is called.</param>
/// <param name="Values">Variables of shipper.env with what they are.</param>
/// <param name="Note">What is to be known about it.</param>
internal sealed record ShippingTarget(string Name, string Title, ImmutableArray<(string Name, string Meaning)> Values, string Note)
{
    /// <summary>All of them.</summary>
    public static ImmutableArray<ShippingTarget> All { get; } =
    [
        new(
            "vedette", "Vedette", [("VEDETTE_HOST", "host of Vedette"), ("VEDETTE_TOKEN", "token of this cluster")],
            "`vedette serve` takes what Filebeat, Fluent Bit, Fluentd and Vector send (`POST /audit/CLUSTER`, and `_bulk` for Filebeat). rsyslog carries the lines to files, which `vedette serve` follows and `vedette scan` reads."),
        new(
            "elasticsearch", "Elasticsearch or OpenSearch", [("ELASTIC_HOST", "host of Elasticsearch or OpenSearch"), ("ELASTIC_USER", "user that may create documents"), ("ELASTIC_PASSWORD", "its password")],
            "Map `requestObject` and `responseObject` as `flattened`, or with `dynamic: false`, before the first event comes: their fields would grow the mapping without end. `vedette setup retention` has lifecycle policies."),
        new("splunk", "Splunk", [("SPLUNK_HOST", "host of the HTTP Event Collector"), ("SPLUNK_TOKEN", "its token")], "Keep by the index: frozenTimePeriodInSecs. Splunk Cloud is in the region of its stack: ask for it."),
        new("loki", "Grafana Loki", [("LOKI_HOST", "host of Loki"), ("LOKI_TENANT", "tenant; any name where there is one only")], "Loki refuses lines above 256 KB and events older than a week unless its limits are raised: max_line_size, reject_old_samples_max_age."),
        new("datadog", "Datadog", [("DD_API_KEY", "API key")], "Datadog cuts events at 1 MB and takes none older than 18 hours."),
        new("sumologic", "Sumo Logic", [("SUMO_HOST", "host of the HTTP source's address: endpointN.collection….sumologic.com"), ("SUMO_TOKEN", "last part of that address")], "The address is the credential."),
        new("cloudwatch", "CloudWatch Logs", [("AWS_REGION", "region of the log group")], "Make the log group first, with retention and key: aws logs create-log-group, put-retention-policy. An event above 1 MB is refused. Credentials come from the instance's role: logs:CreateLogStream, logs:PutLogEvents on this group."),
        new("s3", "S3", [("AWS_REGION", "region of the bucket"), ("S3_BUCKET", "its name")], "Object Lock and a lifecycle rule hold the retention; `vedette setup retention` has the rule. Credentials come from the instance's role: s3:PutObject on this prefix. `vedette scan` reads what lies there."),
    ];
}
