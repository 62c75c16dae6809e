using System.Text.RegularExpressions;
using Vedette.Platforms.Residency;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.Shippers;

/// <summary>
/// Verifies configurations of shippers by what must stand in them and what must not; which shipper a file is for, its content tells. It does not replace the shipper's own check of its grammar.
/// </summary>
internal sealed class ShipperVerification(VerifyRequest request, Verdict verdict)
{
    /// <summary>For each shipper: how its files are known, and what each check wants to find (or not) in them.</summary>
    private static readonly (string Name, Regex Known, (Check Check, Regex Wanted, string Well, string Wrong, string Mend)[] Wants)[] s_shippers =
    [
        ("vector", ShipperPatterns.VectorSource(),
        [
            (ShipperChecks.Lines, ShipperPatterns.MaxLineBytes(), "max_line_bytes is raised", "lines above 100 kB are thrown away: max_line_bytes is not raised", "max_line_bytes: 3145728 at the source"),
            (ShipperChecks.Position, ShipperPatterns.DataDirectory(), "positions are in data_dir", "there is no data_dir, where positions would be", "data_dir: /var/lib/vector"),
            (ShipperChecks.Kept, ShipperPatterns.Acknowledgements(), "acknowledgements are on", "a position moves on before the receiver has the events", "acknowledgements: {enabled: true} at the sink, with a disk buffer"),
        ]),
        ("fluent-bit", ShipperPatterns.FluentBitSection(),
        [
            (ShipperChecks.Lines, ShipperPatterns.BufferMaxSize(), "Buffer_Max_Size is raised", "lines above 32 kB stop the input: Buffer_Max_Size is not raised", "Buffer_Max_Size 3M in [INPUT]"),
            (ShipperChecks.Position, ShipperPatterns.Database(), "positions are in DB", "there is no DB: a restart begins at the end of the file", "DB /var/lib/fluent-bit/audit.db in [INPUT]"),
            (ShipperChecks.Kept, ShipperPatterns.RetryForever(), "it repeats without end", "after one repetition events are thrown away: Retry_Limit is 1", "Retry_Limit False in [OUTPUT], with storage.type filesystem"),
        ]),
        ("fluentd", ShipperPatterns.FluentdSource(),
        [
            (ShipperChecks.Position, ShipperPatterns.PositionFile(), "positions are in pos_file", "there is no pos_file: a restart begins at the end of the file", "pos_file /var/lib/fluent/audit.pos in <source>"),
            (ShipperChecks.Kept, ShipperPatterns.FileBuffer(), "the buffer is on disk and repeats without end", "the buffer is in memory, or gives up", "<buffer> with @type file, retry_forever true, overflow_action block"),
        ]),
        ("filebeat", ShipperPatterns.FilebeatInput(),
        [
            (ShipperChecks.Kept, ShipperPatterns.DiskQueue(), "the queue is on disk", "the queue is in memory", "queue.disk.max_size: 1GB"),
        ]),
        ("rsyslog", ShipperPatterns.RsyslogInput(),
        [
            (ShipperChecks.Lines, ShipperPatterns.MaxMessageSize(), "maxMessageSize is raised", "lines are cut at 8 kB: maxMessageSize is not raised", "global(maxMessageSize=\"3m\") before any input"),
            (ShipperChecks.Position, ShipperPatterns.PersistInterval(), "positions are written as it goes", "the position is written at shut-down only", "persistStateInterval=\"100\" at the input"),
            (ShipperChecks.Kept, ShipperPatterns.DiskQueueOfRsyslog(), "the queue is on disk and repeats without end", "what cannot be sent is thrown away when memory is full, or after the first failure", "queue.filename, queue.maxDiskSpace, queue.saveOnShutdown at the ruleset, action.resumeRetryCount=\"-1\" at the action"),
        ]),
    ];

    /// <summary>Does all checks.</summary>
    public void Run()
    {
        Evidence evidence = Evidence.Read(request, verdict, ShipperChecks.Readable);
        int known = 0;
        foreach (EvidenceText text in evidence.Texts)
        {
            string content = ShipperPatterns.Comment().Replace(text.Text, "");
            foreach ((string name, Regex isOne, (Check, Regex, string, string, string)[] wants) in s_shippers)
            {
                if (isOne.IsMatch(content))
                {
                    known++;
                    foreach ((Check check, Regex wanted, string well, string wrong, string mend) in wants)
                    {
                        bool holds = wanted.IsMatch(content);
                        verdict.Say(check, holds, new Place(text.File), holds ? $"{name}: {well}" : $"{name}: {wrong}", mend);
                    }

                    Outputs(name, text.File, content);
                }
            }

            Rights(text);
            Places(text.File, content);
        }

        if (known == 0)
        {
            verdict.CannotTell(ShipperChecks.Output, Place.None, "there is no configuration of a shipper that is known", "vedette verify shippers --evidence /etc/vector/vector.yaml");
        }
    }

    private void Outputs(string name, string file, string content)
    {
        Place place = new(file);
        if (name == "filebeat")
        {
            Match other = ShipperPatterns.ForeignOutput().Match(content);
            verdict.Say(
                ShipperChecks.Output, !other.Success, place, other.Success ? $"Filebeat has no {other.Value.TrimEnd(':')}" : "Filebeat has this output",
                "Filebeat sends to Elasticsearch, Logstash, Kafka, Redis, a file or the console; for Splunk, CloudWatch or plain HTTP use Vector, Fluent Bit or Fluentd");
        }
        else if (name == "fluent-bit" && ShipperPatterns.HttpOutput().IsMatch(content))
        {
            bool bare = ShipperPatterns.DateKey().IsMatch(content);
            verdict.Say(ShipperChecks.Unchanged, bare, place, bare ? "fluent-bit: json_date_key is off" : "fluent-bit: a key \"date\" is added to each event", "json_date_key false in [OUTPUT]");
        }
        else if (name == "fluentd" && ShipperPatterns.FluentdHttp().IsMatch(content))
        {
            bool repeats = ShipperPatterns.RetryableCodes().IsMatch(content);
            verdict.Say(ShipperChecks.Kept, repeats, place, repeats ? "fluentd: refusals are repeated" : "fluentd: any answer but 503 throws the chunk away", "retryable_response_codes [408, 429, 500, 502, 503, 504] and error_response_as_unrecoverable false");
        }

        Match plain = ShipperPatterns.PlainHttp().Match(content);
        verdict.Say(ShipperChecks.Encrypted, !plain.Success, place, plain.Success ? $"{name}: {ReceiverName.Of(plain.Value)} is not encrypted" : $"{name}: no address is plain HTTP", "https://, or tls On");
    }

    private void Places(string file, string content)
    {
        foreach (Match word in ShipperPatterns.Word().Matches(content))
        {
            string? objection = request.Residency.ObjectionTo(word.Value)
                ?? (ShippersPlatform.JurisdictionOfDatadog(word.Value.Replace("http-intake.logs.", "", StringComparison.Ordinal)) is { } jurisdiction && request.Residency.IsRestricted && !request.Residency.Includes(jurisdiction)
                    ? $"Datadog's site {word.Value} is in {jurisdiction}, and data may be in {request.Residency} only" : null);
            if (objection is not null)
            {
                verdict.Wrong(ShipperChecks.Residency, new Place(file, content.AsSpan(0, word.Index).Count('\n') + 1), objection, "name a receiver in an allowed place");
            }
        }
    }

    private void Rights(EvidenceText text)
    {
        foreach (ShellCommand command in ShellCommands.Of("chmod", text).Where(command => command.Words.Count > 2 && command.Words.Skip(2).Any(word => word.Contains("audit", StringComparison.Ordinal))))
        {
            string mode = command.Words[1];
            if (mode.Contains("o+r", StringComparison.Ordinal) || mode.Contains("a+r", StringComparison.Ordinal) || (mode.Length >= 3 && mode.All(char.IsAsciiDigit) && mode[^1] >= '4'))
            {
                verdict.Wrong(ShipperChecks.Rights, command.Place, $"chmod {mode} lets everybody on the node read the log, until it is rotated", "AmbientCapabilities=CAP_DAC_READ_SEARCH in the shipper's service");
            }
        }
    }
}
