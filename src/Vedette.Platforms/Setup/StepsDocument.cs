using System.Globalization;
using System.Text;

namespace Vedette.Platforms.Setup;

/// <summary>STEPS.md: what is here, what to fill in, what to do in which order, what restarts, how to check, how to go back.</summary>
internal static class StepsDocument
{
    /// <summary>Writes it.</summary>
    public static string Write(Platform platform, SetupRequest request, SetupOutput output, IReadOnlyList<RenderedFile> files)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"# {platform.Heading}\n\n");
        string scope = platform.HasPolicy ? $"Policy `{request.Policy.Name}`, Kubernetes {request.Version}, events kept {request.RetentionDays} days, data"
            : platform.Without.IsEmpty ? $"Events kept {request.RetentionDays} days, data" : "Data";
        text.Append(CultureInfo.InvariantCulture, $"{scope} in {request.Residency}.\n\n");
        text.Append("| file | mode | what it is |\n|---|---|---|\n");
        foreach (RenderedFile file in files)
        {
            text.Append(CultureInfo.InvariantCulture, $"| `{file.Path}` | {file.OctalMode} | {file.Purpose} |\n");
        }

        WriteValues(output, files, text);
        if (output.SizeLines.Count > 0)
        {
            text.Append("\n## Sizes\n\n");
            WriteList(output.SizeLines, text);
        }

        if (output.NoteLines.Count > 0)
        {
            text.Append("\n## To know\n\n");
            WriteList(output.NoteLines, text);
        }

        WriteSteps("Turn it on", output.ApplySteps, text);
        WriteSteps("Check", output.CheckSteps, text);
        WriteSteps("Go back", output.UndoSteps, text);
        return text.ToString();
    }

    private static void WriteValues(SetupOutput output, IReadOnlyList<RenderedFile> files, StringBuilder text)
    {
        SetupValue[] open = [.. output.Values.Where(value => value.IsOpen)];
        if (open.Length == 0)
        {
            return;
        }

        text.Append("\n## Fill in first\n\nEach stands in one place, as `").Append(SetupOutput.Marker).Append("NAME`; or run setup again with `--set NAME=VALUE` or `--values FILE`.\n\n| name | in file | what it is |\n|---|---|---|\n");
        foreach (SetupValue value in open)
        {
            string place = files.First(file => file.Content.Contains(value.Text, StringComparison.Ordinal)).Path;
            text.Append(CultureInfo.InvariantCulture, $"| {value.Name} | `{place}` | {value.Meaning} |\n");
        }
    }

    private static void WriteSteps(string title, IReadOnlyList<Step> steps, StringBuilder text)
    {
        if (steps.Count == 0)
        {
            return;
        }

        text.Append(CultureInfo.InvariantCulture, $"\n## {title}\n");
        for (int i = 0; i < steps.Count; i++)
        {
            Step step = steps[i];
            text.Append(CultureInfo.InvariantCulture, $"\n### {i + 1}. {step.Title}\n");
            Paragraph(step.Text, text);
            Paragraph(step.Restarts is null ? "" : $"**Restarts:** {step.Restarts}", text);
            Paragraph(step.Shell is null ? "" : $"```sh\n{step.Shell.TrimEnd()}\n```", text);
        }
    }

    private static void Paragraph(string content, StringBuilder text)
    {
        if (content.Length > 0)
        {
            text.Append('\n').Append(content.TrimEnd()).Append('\n');
        }
    }

    private static void WriteList(IEnumerable<string> lines, StringBuilder text)
    {
        foreach (string line in lines)
        {
            text.Append("- ").Append(line).Append('\n');
        }
    }
}
