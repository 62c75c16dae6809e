using System.Net;
using Vedette.Detection.Logic;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Linting;

/// <summary>Values that a field never has.</summary>
internal static class ValueLint
{
    private static readonly Dictionary<string, string> s_verbs = new(StringComparer.Ordinal)
    {
        ["replace"] = "update",
        ["edit"] = "patch",
        ["apply"] = "patch",
        ["modify"] = "update",
        ["write"] = "create, update or patch",
        ["read"] = "get, list or watch",
        ["remove"] = "delete",
        ["exec"] = "vedette.operation: exec, since exec is a subresource",
        ["attach"] = "vedette.operation: attach, since attach is a subresource",
        ["portforward"] = "vedette.operation: portforward, since it is a subresource",
        ["impersonate"] = "impersonatedUser.username|exists: true; impersonate is a verb of roles only",
        ["escalate"] = "vedette.rbac.grants|startswith: 'escalate '; escalate is a verb of roles only",
        ["bind"] = "vedette.rbac.grants|startswith: 'bind '; bind is a verb of roles only",
        ["approve"] = "vedette.resource: certificatesigningrequests/approval; approve is a verb of roles only",
        ["sign"] = "vedette.resource: certificatesigningrequests/status; sign is a verb of roles only",
        ["use"] = "the object it is used for; use is a verb of roles only",
    };

    /// <summary>Checks the values of a rule.</summary>
    public static void Check(DetectionRule rule, EventLogic logic, LintReport report)
    {
        foreach (IGrouping<(int, int)?, (Condition Test, bool IsWanted)> item in ConditionLeaves.Of(rule.Condition).Where(leaf => leaf.Test is Condition.Field)
            .GroupBy(leaf => rule.Places.Of(leaf.Test) is { } place ? (place.KeyLine, place.KeyColumn) : ((int, int)?)null))
        {
            (Condition.Field Test, string? Mend)[] values = [.. item.Select(leaf => ((Condition.Field)leaf.Test, Mend((Condition.Field)leaf.Test, logic)))];
            bool allImpossible = values.All(value => value.Mend is not null);
            bool isWanted = item.First().IsWanted;
            foreach ((Condition.Field test, string? mend) in values)
            {
                if (mend is not null)
                {
                    report.Add(
                        allImpossible && isWanted ? "VL1101" : "VL1102", rule, test,
                        $"'{test.Path}' is never {Text(test.Test)}.", mend);
                }
                else if (CaseOf(test, logic) is { } right)
                {
                    report.Add("VL1103", rule, test, $"Events write {right}, not {Text(test.Test)}; it matches here since Sigma ignores case, in engines that do not it is dead.", $"Write {right}.");
                }
            }
        }
    }

    /// <summary>What to write instead of a value that the field never has; null when it may have it.</summary>
    private static string? Mend(Condition.Field field, EventLogic logic)
    {
        if (EventSchema.Domain(field.Path) is { } domain)
        {
            return domain.Any(value => logic.Passes(field.Test, value)) ? null : MendInDomain(field, domain);
        }

        if (field.Test is not ValueTest.Text { Pattern.IsLiteral: true } text)
        {
            return null;
        }

        string value = text.Pattern.LiteralText;
        return field.Path switch
        {
            "objectRef.resource" when value.Contains('/', StringComparison.Ordinal) => $"The subresource has a field of its own: objectRef.subresource: {value.Split('/')[1]}; or write vedette.resource: {value}.",
            "objectRef.resource" when KubernetesResources.Meant(value) is { } plural => $"Resources are named in the plural: {plural}.",
            "vedette.resource" when KubernetesResources.Meant(value.Split('/')[0]) is { } plural => $"Resources are named in the plural: {plural}.",
            "objectRef.apiGroup" when value.Length == 0 || value.Equals("core", StringComparison.OrdinalIgnoreCase) || value == "v1" => "The core group has no objectRef.apiGroup: write objectRef.apiGroup|exists: false.",
            "objectRef.apiGroup" when value.Contains('/', StringComparison.Ordinal) => $"The version has a field of its own, objectRef.apiVersion; write {value.Split('/')[0]}.",
            "objectRef.apiVersion" when value.Contains('/', StringComparison.Ordinal) => $"The group has a field of its own: objectRef.apiGroup: {value.Split('/')[0]}, objectRef.apiVersion: {value.Split('/')[1]}.",
            "sourceIPs" or "vedette.source.ip" when !IPAddress.TryParse(value, out _) => value.Contains('/', StringComparison.Ordinal) ? $"Write {field.Path}|cidr: {value}." : "It is an IP address, never a name.",
            _ => null,
        };
    }

    private static string MendInDomain(Condition.Field field, IEnumerable<PossibleValue> domain)
    {
        string written = field.Test switch
        {
            ValueTest.Text text => text.Pattern.ToString(),
            _ => "",
        };
        if (field.Path == "verb" && s_verbs.TryGetValue(written.ToLowerInvariant(), out string? instead))
        {
            return $"Write {instead}.";
        }

        if (field.Path == "responseStatus.code")
        {
            return "It is the HTTP status code: a number from 100 to 599. Who was allowed stands in annotations.authorization.k8s.io/decision (allow, forbid).";
        }

        if (field.Path == "annotations.authorization.k8s.io/decision")
        {
            return "It is allow or forbid.";
        }

        string[] values = [.. domain.Select(value => value.Text).Where(value => value.Length > 0)];
        return Spelling.Nearest(written, values) is { } nearest ? $"Did you mean {nearest}?" : $"It is one of {string.Join(", ", values)}.";
    }

    private static string? CaseOf(Condition.Field field, EventLogic logic)
    {
        if (field.Test is not ValueTest.Text { Pattern.IsLiteral: true, CaseSensitive: false } text)
        {
            return null;
        }

        string value = text.Pattern.LiteralText;
        string? right = EventSchema.Domain(field.Path) is { } domain
            ? domain.Where(known => logic.Passes(field.Test, known)).Select(known => known.Text).FirstOrDefault()
            : field.Path is "objectRef.resource" or "objectRef.subresource" or "vedette.resource" or "objectRef.apiGroup" ? value.ToLowerInvariant()
            : null;
        return right is null || right == value ? null : right;
    }

    private static string Text(ValueTest test) => test switch
    {
        ValueTest.Text text => $"'{text.Pattern}'",
        ValueTest.NumberIs number => number.Value.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ValueTest.BooleanIs truth => truth.Value ? "true" : "false",
        ValueTest.Matches regex => $"/{regex.Pattern}/",
        _ => "such a value",
    };
}
