using System.Globalization;
using System.Text.Json;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.Retention;

/// <summary>Verifies how long stores keep, from what they or their clouds say of themselves.</summary>
internal sealed class RetentionVerification(VerifyRequest request, Verdict verdict, RetentionFramework framework)
{
    private readonly int _needed = Math.Max(framework.Days ?? 0, request.RetentionDays ?? 1);

    /// <summary>Does all checks.</summary>
    public void Run()
    {
        Evidence evidence = Evidence.Read(request, verdict, RetentionChecks.Readable);
        int found = 0;
        foreach (EvidenceDocument document in evidence.Documents)
        {
            foreach (JsonElement item in document.Root.ValueKind == JsonValueKind.Array ? document.Items : [document.Root])
            {
                found += Groups(document.Place, item) + Searchable(document.Place, item) + Objects(document.Place, item);
            }
        }

        if (found == 0)
        {
            verdict.CannotTell(RetentionChecks.Kept, Place.None, "there is no answer of a store that is known", "aws logs describe-log-groups, gcloud logging buckets list --format=json, GET _ilm/policy/vedette …");
        }
    }

    /// <summary>Stores of the clouds.</summary>
    private int Groups(Place place, JsonElement item)
    {
        int found = 0;
        foreach (JsonElement group in item.List("logGroups"))
        {
            found += Say(place, group.Text("logGroupName") ?? "a log group", group.Number("retentionInDays") ?? int.MaxValue);
        }

        if (item.Text("name") is { } bucket && bucket.Contains("/buckets/", StringComparison.Ordinal) && !bucket.Contains("/buckets/_", StringComparison.Ordinal))
        {
            found += Say(place, bucket[(bucket.LastIndexOf('/') + 1)..], item.Number("retentionDays") ?? 30);
        }

        if (item.Number("totalRetentionInDays") is { } total)
        {
            string table = item.Text("name") ?? "a table";
            found += Say(place, table, total);
            if (framework.HotDays is { } hot)
            {
                int interactive = item.Number("retentionInDays") ?? 0;
                verdict.Say(
                    RetentionChecks.AtHand, interactive >= hot, place, $"{table} is searchable for {interactive} days{(interactive >= hot ? "" : $", less than {hot}")}",
                    $"az monitor log-analytics workspace table update --name {table} --retention-time {hot} …");
            }
        }

        return found;
    }

    /// <summary>Elasticsearch and OpenSearch: a policy as it is put, or as it is answered, below its name.</summary>
    private int Searchable(Place place, JsonElement item)
    {
        int found = 0;
        JsonElement[] policies = item.ValueKind != JsonValueKind.Object ? []
            : [.. item.EnumerateObject().Where(member => member.Value.ValueKind == JsonValueKind.Object).Select(member => JsonElements.NameOf(member) == "policy" ? member.Value : member.Value.At("policy") ?? default)
                .Where(policy => policy.ValueKind == JsonValueKind.Object)];
        foreach (JsonElement policy in policies)
        {
            if (policy.At("phases") is { } phases)
            {
                found += Say(place, "the lifecycle policy", phases.At("delete") is null ? int.MaxValue : Days(phases.Text("delete.min_age")));
            }

            foreach (JsonElement change in policy.List("states").SelectMany(state => state.List("transitions")).Where(change => change.Text("state_name") == "delete"))
            {
                found += Say(place, "the state management policy", Days(change.Text("conditions.min_index_age")));
            }
        }

        return found;
    }

    /// <summary>Object stores: lifecycle rules and locks.</summary>
    private int Objects(Place place, JsonElement item)
    {
        int found = 0;
        foreach (JsonElement rule in item.List("Rules").Concat(item.List("rule")))
        {
            int? days = rule.Text("Status") == "Disabled" || rule.At("enabled") is { ValueKind: JsonValueKind.False } ? null
                : rule.Number("Expiration.Days") ?? rule.Number("definition.actions.baseBlob.delete.daysAfterModificationGreaterThan") ?? (rule.Text("action.type") == "Delete" ? rule.Number("condition.age") : null);
            found += days is { } known ? Say(place, $"the lifecycle rule {rule.Text("ID") ?? rule.Text("name") ?? ""}".TrimEnd(), known) : 0;
        }

        if ((item.At("ObjectLockConfiguration") ?? item).At("Rule.DefaultRetention") is { } retention)
        {
            int days = retention.Number("Days") ?? (retention.Number("Years") ?? 0) * 365;
            verdict.Say(
                RetentionChecks.Locked, days >= _needed, place, $"Object Lock ({retention.Text("Mode")}) holds {days} days{(days >= _needed ? "" : $", less than {_needed}")}",
                $"aws s3api put-object-lock-configuration … \"Days\":{_needed}");
            found++;
        }

        return found;
    }

    private int Say(Place place, string store, int days)
    {
        string kept = days == int.MaxValue ? "for ever" : string.Create(CultureInfo.InvariantCulture, $"{days} days");
        verdict.Say(
            RetentionChecks.Kept, days >= _needed, place, $"{store} keeps {kept}{(days >= _needed ? "" : $"; {framework.Title} asks for {_needed}")}",
            $"keep {_needed} days or more: 'vedette setup retention --framework {framework.Name}' has the settings");
        return 1;
    }

    /// <summary>The days in <c>365d</c>; hours count in whole days.</summary>
    private static int Days(string? age) =>
        age is null || !int.TryParse(age.AsSpan(0, Math.Max(0, age.Length - 1)), NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? 0 : age[^1] switch { 'd' => count, 'h' => count / 24, _ => 0 };
}
