namespace Vedette.Platforms.Setup;

/// <summary>Texts in Terraform's language.</summary>
internal static class TerraformText
{
    /// <summary>What stands between the quotes of a string: quotes, backslashes and the beginnings of templates are escaped.</summary>
    public static string Escape(string text) => text
        .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("${", "$${", StringComparison.Ordinal).Replace("%{", "%%{", StringComparison.Ordinal);
}
