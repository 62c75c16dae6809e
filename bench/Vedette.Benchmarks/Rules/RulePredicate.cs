namespace Vedette.Benchmarks.Rules;

/// <summary>One predicate of a rule table: <c>field op v1,v2,…</c>.</summary>
/// <param name="Field">Short name of the field.</param>
/// <param name="Operator">in, notin, prefix, notprefix, contains or any.</param>
/// <param name="Values">Its values.</param>
internal sealed record RulePredicate(string Field, string Operator, string[] Values)
{
    /// <summary>Reads a predicate.</summary>
    public static RulePredicate Parse(string text)
    {
        string[] parts = text.Split(' ', 3);
        return new RulePredicate(parts[0], parts[1], parts.Length > 2 && parts[2].Length > 0 ? parts[2].Split(',') : []);
    }

    /// <inheritdoc />
    public override string ToString() => $"{Field} {Operator} {string.Join(',', Values)}";
}
