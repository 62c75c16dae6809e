using System.Collections.Immutable;

namespace Vedette.Platforms.Setup;

/// <summary>
/// Takes what a platform renders: files, steps, arithmetic, and values that only the user knows. Those stand as <c>CHANGE_ME_NAME</c> in exactly one file, or, for commands, as variables of <see cref="ValuesFile"/>.
/// </summary>
/// <param name="request">What was asked for.</param>
public sealed class SetupOutput(SetupRequest request)
{
    /// <summary>Begins every value that the user still has to give.</summary>
    public const string Marker = "CHANGE_ME_";

    /// <summary>Holds the values that commands of STEPS.md use: <c>. ./values.env</c>.</summary>
    public const string ValuesFile = "values.env";

    /// <summary>The steps, in order.</summary>
    public const string StepsFile = "STEPS.md";

    private readonly List<RenderedFile> _files = [];
    private readonly List<SetupValue> _values = [];
    private readonly List<Step> _apply = [];
    private readonly List<Step> _check = [];
    private readonly List<Step> _undo = [];
    private readonly List<string> _sizes = [];
    private readonly List<string> _notes = [];
    private readonly List<Refusal> _refusals = [];

    /// <summary>Why it cannot be done as asked; nothing is to be written then.</summary>
    public IReadOnlyList<Refusal> Refusals => _refusals;

    /// <summary>Values that only the user knows.</summary>
    public IReadOnlyList<SetupValue> Values => _values;

    internal IReadOnlyList<RenderedFile> Files => _files;

    internal IReadOnlyList<Step> ApplySteps => _apply;

    internal IReadOnlyList<Step> CheckSteps => _check;

    internal IReadOnlyList<Step> UndoSteps => _undo;

    internal IReadOnlyList<string> SizeLines => _sizes;

    internal IReadOnlyList<string> NoteLines => _notes;

    /// <summary>Adds a file.</summary>
    public void Add(RenderedFile file) => _files.Add(file);

    /// <summary>Adds a step of turning it on.</summary>
    public void Apply(Step step) => _apply.Add(step);

    /// <summary>Adds a way to see that it works.</summary>
    public void Check(Step step) => _check.Add(step);

    /// <summary>Adds a step of going back.</summary>
    public void Undo(Step step) => _undo.Add(step);

    /// <summary>Adds a line of arithmetic.</summary>
    public void Size(string line) => _sizes.Add(line);

    /// <summary>Adds something that the user must know: what this cannot do, what stays as it is.</summary>
    public void Note(string text) => _notes.Add(text);

    /// <summary>Says that it cannot be done as asked.</summary>
    /// <param name="why">What is wrong.</param>
    /// <param name="mend">What to do.</param>
    public void Refuse(string why, string mend) => _refusals.Add(new Refusal(why, mend));

    /// <summary>A value for a file: as the user gave it, else <c>CHANGE_ME_NAME</c>. To be put into one file only.</summary>
    /// <param name="name">In capitals: <c>WEBHOOK_URL</c>.</param>
    /// <param name="meaning">What it is and where to find it.</param>
    public string Value(string name, string meaning) => Take(name, meaning, isForShell: false).Text;

    /// <summary>A value for commands: <c>"$NAME"</c>, set in <see cref="ValuesFile"/>.</summary>
    /// <param name="name">In capitals.</param>
    /// <param name="meaning">What it is and where to find it.</param>
    /// <param name="known">The value where setup knows it; what the user gives counts more.</param>
    public string ShellValue(string name, string meaning, string? known = null)
    {
        Take(name, meaning, isForShell: true, known);
        return $"\"${name}\"";
    }

    /// <summary>The files of the platform, with <see cref="ValuesFile"/> where commands need one, and <see cref="StepsFile"/>.</summary>
    public ImmutableArray<RenderedFile> Complete(Platform platform)
    {
        ImmutableArray<RenderedFile>.Builder files = ImmutableArray.CreateBuilder<RenderedFile>();
        if (_values.Exists(value => value.IsForShell))
        {
            files.Add(new RenderedFile(
                ValuesFile, string.Concat(_values.Where(value => value.IsForShell).Select(value => $"# {value.Meaning}\nexport {value.Name}={Quote(value.Text)}\n")),
                "values that the commands of STEPS.md use", RenderedFile.Private));
        }

        files.AddRange(_files);
        files.Add(new RenderedFile(StepsFile, StepsDocument.Write(platform, request, this, files), "this page"));
        return files.ToImmutable();
    }

    /// <summary>A word of a shell.</summary>
    public static string Quote(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    private SetupValue Take(string name, string meaning, bool isForShell, string? known = null)
    {
        if (_values.Find(value => value.Name == name) is { } there)
        {
            return there;
        }

        SetupValue value = new(name, request.Values.GetValueOrDefault(name) ?? known ?? Marker + name, meaning, isForShell);
        _values.Add(value);
        return value;
    }
}

/// <summary>A value that only the user knows.</summary>
/// <param name="Name">In capitals.</param>
/// <param name="Text">As given, else with <see cref="SetupOutput.Marker"/>.</param>
/// <param name="Meaning">What it is and where to find it.</param>
/// <param name="IsForShell">Does it stand in <see cref="SetupOutput.ValuesFile"/>?</param>
public sealed record SetupValue(string Name, string Text, string Meaning, bool IsForShell)
{
    /// <summary>Must the user still give it?</summary>
    public bool IsOpen => Text.StartsWith(SetupOutput.Marker, StringComparison.Ordinal);
}

/// <summary>Why a setup is not rendered.</summary>
/// <param name="Why">What is wrong.</param>
/// <param name="Mend">What to do.</param>
public sealed record Refusal(string Why, string Mend);
