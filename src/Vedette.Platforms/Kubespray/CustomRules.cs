using Vedette.Documents.Editing;
using Vedette.Platforms.Setup;

namespace Vedette.Platforms.Kubespray;

/// <summary>
/// The rules of a policy as a text of their own. Kubespray's template fixes the head of the policy, so what stands there (omitStages, omitManagedFields) moves into every rule, where it means the same.
/// </summary>
internal static class CustomRules
{
    /// <summary>The rules, comments included; null when the policy is not written in a form that can be taken apart (JSON, anchors across rules).</summary>
    public static string? Of(ChosenPolicy policy)
    {
        if (YamlEditor.Open(policy.Name, policy.Text, out _) is not { } editor || Rules(editor) is not { } rules)
        {
            return null;
        }

        bool? omitsManagedFields = policy.Policy.OmitManagedFields?.Value;
        string[] omitStages = [.. policy.Policy.OmitStages.Values];
        foreach (YamlTextMapping rule in rules.Items.OfType<YamlTextMapping>())
        {
            if (omitsManagedFields is { } omits && rule["omitManagedFields"] is null)
            {
                editor.Add(rule, "omitManagedFields", YamlValue.Of(omits));
            }

            if (rule["omitStages"]?.Value.Resolved is YamlTextSequence stages)
            {
                YamlValue[] missing = [.. omitStages.Where(stage => !stages.Items.Any(item => item.Text == stage)).Select(YamlValue.Of)];
                if (missing.Length > 0)
                {
                    editor.Append(stages, missing);
                }
            }
            else if (omitStages.Length > 0)
            {
                editor.Add(rule, "omitStages", YamlValue.List([.. omitStages.Select(YamlValue.Of)]));
            }
        }

        string whole = editor.Apply(out _);
        return YamlEditor.Open(policy.Name, whole, out _) is { } edited && Rules(edited) is { } list ? edited.TextOf(list) : null;
    }

    private static YamlTextSequence? Rules(YamlEditor editor) =>
        editor.Documents is [YamlTextMapping policy, ..] && policy["rules"]?.Value is YamlTextSequence { IsFlow: false } rules && rules.Items.All(item => item is YamlTextMapping) ? rules : null;
}
