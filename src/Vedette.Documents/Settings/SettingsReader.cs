using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Vedette.Documents.Yaml;

namespace Vedette.Documents.Settings;

/// <summary>
/// Reads a mapping of a settings file strictly: each member is asked for by name, and what nobody asked for is an error with its place (<see cref="Complete"/>). Texts may hold <c>${NAME}</c> for a
/// variable of the environment (<c>$${</c> is a plain <c>${</c>); a secret may also be <c>{file: PATH}</c> or <c>{env: NAME}</c>. A value that cannot be used is told and its default taken, so that one reading tells all.
/// </summary>
public sealed partial class SettingsReader
{
    /// <summary>Most bytes read of a file that holds a secret.</summary>
    public const int MaxSecretLength = 64 * 1024;

    /// <summary>Code of what is told here.</summary>
    public const string Code = "VC1001";

    private readonly YamlMapping? _mapping;
    private readonly SettingsContext _context;
    private readonly SortedSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>Reads a mapping.</summary>
    /// <param name="node">The mapping; null for one that is not there: everything in it has its default. Anything else is told.</param>
    /// <param name="path">Where it stands, for messages: <c>receivers[0]</c>; empty for the whole file.</param>
    /// <param name="context">The file.</param>
    public SettingsReader(YamlNode? node, string path, SettingsContext context)
    {
        _context = context;
        Path = path;
        Node = node;
        _mapping = node as YamlMapping;
        if (_mapping is null && !IsNull(node))
        {
            Tell(node, $"{(path.Length == 0 ? "the file" : path)} must be a mapping");
        }
    }

    /// <summary>Where the mapping stands, for messages.</summary>
    public string Path { get; }

    /// <summary>The mapping, for messages about it as a whole.</summary>
    public YamlNode? Node { get; }

    /// <summary>Is there such a mapping in the file?</summary>
    public bool Exists => _mapping is not null;

    /// <summary>The file.</summary>
    public SettingsContext Context => _context;

    /// <summary>The node of a member; null where it is not there or has no value.</summary>
    public YamlNode? this[string name]
    {
        get
        {
            _known.Add(name);
            YamlNode? node = _mapping?[name];
            return IsNull(node) ? null : node;
        }
    }

    /// <summary>Names of the members in the file, in order: for mappings whose keys are names that people choose.</summary>
    public ImmutableArray<YamlScalar> Names => _mapping is null ? [] : [.. _mapping.Members.Select(member => member.Key)];

    /// <summary>A mapping below.</summary>
    public SettingsReader Section(string name) => new(this[name], PathOf(name), _context);

    /// <summary>The mappings of a list; none where the list is not there.</summary>
    public ImmutableArray<SettingsReader> Sections(string name) =>
        [.. Items(name).Select((item, index) => new SettingsReader(item, string.Create(CultureInfo.InvariantCulture, $"{PathOf(name)}[{index}]"), _context))];

    /// <summary>A text, with variables of the environment put in.</summary>
    public string? Text(string name) => this[name] is { } node ? TextOf(node, PathOf(name)) : null;

    /// <summary>A text that must be there.</summary>
    public string Required(string name)
    {
        if (Text(name) is { Length: > 0 } text)
        {
            return text;
        }

        if (this[name] is null)
        {
            Tell(Node, $"{PathOf(name)} is missing");
        }
        else
        {
            Tell(this[name], $"{PathOf(name)} is empty");
        }

        return "";
    }

    /// <summary>A list of texts; a single text is a list of one.</summary>
    public ImmutableArray<string> Texts(string name) => this[name] is YamlScalar single
        ? [TextOf(single, PathOf(name)) ?? ""]
        : [.. Items(name).Select(item => TextOf(item, PathOf(name)) ?? "")];

    /// <summary>A truth value.</summary>
    public bool Truth(string name, bool otherwise)
    {
        if (this[name] is not { } node)
        {
            return otherwise;
        }

        switch (TextOf(node, PathOf(name)))
        {
            case "true":
                return true;
            case "false":
                return false;
            default:
                Tell(node, $"{PathOf(name)} must be true or false");
                return otherwise;
        }
    }

    /// <summary>A whole number within bounds.</summary>
    public long Number(string name, long otherwise, long least, long most)
    {
        if (this[name] is not { } node)
        {
            return otherwise;
        }

        if (long.TryParse(TextOf(node, PathOf(name)), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most)
        {
            return number;
        }

        Tell(node, string.Create(CultureInfo.InvariantCulture, $"{PathOf(name)} must be a whole number from {least} to {most}"));
        return otherwise;
    }

    /// <summary>A size in bytes such as <c>512MB</c> or <c>64MiB</c>, within bounds.</summary>
    /// <param name="name">The setting.</param>
    /// <param name="otherwise">What it is where nothing is said.</param>
    /// <param name="least">Least bytes.</param>
    /// <param name="most">Most bytes.</param>
    /// <param name="mostIs">What the most is, where another setting decides it, such as <c>a quarter of limits.memory</c>.</param>
    public long Size(string name, long otherwise, long least, long most, string? mostIs = null)
    {
        if (this[name] is not { } node)
        {
            return otherwise;
        }

        Match match = SizeText().Match(TextOf(node, PathOf(name)) ?? "");
        if (match.Success && decimal.TryParse(match.Groups["number"].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number))
        {
            string unit = match.Groups["unit"].Value.ToUpperInvariant();
            decimal scale = unit.Length > 1 && unit[1] == 'I' ? 1024 : 1000;
            int power = unit.Length == 0 ? 0 : "BKMGT".IndexOf(unit[0], StringComparison.Ordinal);
            decimal size = number;
            for (int i = 0; i < power; i++)
            {
                size *= scale;
            }

            if (size >= least && size <= most)
            {
                return (long)size;
            }
        }

        Tell(node, string.Create(CultureInfo.InvariantCulture, $"{PathOf(name)} must be a size from {least} to {most} bytes{(mostIs is null ? "" : $" ({mostIs})")}, such as 512MB or 64MiB"));
        return otherwise;
    }

    /// <summary>A span of time such as <c>30s</c>, <c>1h30m</c> or <c>365d</c>, within bounds.</summary>
    public TimeSpan Duration(string name, TimeSpan otherwise, TimeSpan least, TimeSpan most)
    {
        if (this[name] is not { } node)
        {
            return otherwise;
        }

        if (TryDuration(TextOf(node, PathOf(name)) ?? "", out TimeSpan span) && span >= least && span <= most)
        {
            return span;
        }

        Tell(node, $"{PathOf(name)} must be a span of time from {Show(least)} to {Show(most)}, such as 30s, 5m, 1h30m or 7d");
        return otherwise;
    }

    /// <summary>One of some words.</summary>
    public string Choice(string name, string otherwise, params ReadOnlySpan<string> choices)
    {
        if (Text(name) is not { } text)
        {
            return otherwise;
        }

        if (choices.Contains(text))
        {
            return text;
        }

        Tell(this[name], $"{PathOf(name)} must be one of {string.Join(", ", choices.ToArray())}");
        return otherwise;
    }

    /// <summary>
    /// A secret: a text (with <c>${NAME}</c>), <c>{env: NAME}</c> or <c>{file: PATH}</c>, whose last line end is left off; a relative path is below the settings file's directory. Null where it is not there.
    /// A file may be read again by <see cref="SettingsContext.ReadFile"/> when settings are loaded again.
    /// </summary>
    public string? Secret(string name)
    {
        if (this[name] is not YamlMapping)
        {
            return Text(name);
        }

        SettingsReader reference = Section(name);
        string? variable = reference.Text("env");
        string? file = reference.Text("file");
        reference.Complete();
        if (variable is null == file is null)
        {
            Tell(this[name], $"{PathOf(name)} must be a text, {{env: NAME}} or {{file: PATH}}");
            return null;
        }

        if (variable is not null)
        {
            string? value = _context.Variable(variable);
            if (value is null)
            {
                Tell(this[name], $"the environment has no variable {variable}");
            }

            return value;
        }

        try
        {
            return _context.ReadFile(FullPath(file!), MaxSecretLength).TrimEnd('\r', '\n');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Tell(this[name], $"{file} cannot be read: {exception.Message}");
            return null;
        }
    }

    /// <summary>A path; a relative one is below the settings file's directory.</summary>
    public string? FilePath(string name) => Text(name) is { Length: > 0 } path ? FullPath(path) : null;

    /// <summary>Tells of every member that nobody asked for.</summary>
    public void Complete()
    {
        foreach (YamlMember member in _mapping?.Members ?? [])
        {
            if (!_known.Contains(member.Key.Text))
            {
                Tell(member.Key, $"{PathOf(member.Key.Text)} is not known here", _known.Count == 0 ? null : $"known are {string.Join(", ", _known)}");
            }
        }
    }

    /// <summary>Tells what is wrong with a member, or where there is none with the whole.</summary>
    public void Wrong(string name, string message, string? help = null) => Tell(this[name] ?? Node, $"{PathOf(name)}: {message}", help);

    /// <summary>Tells of something.</summary>
    public void Tell(YamlNode? at, string message, string? help = null) =>
        _context.Diagnostics.Add(new Diagnostic(Code, DiagnosticSeverity.Error, _context.File, at?.Line ?? 0, at?.Column ?? 0, message, help));

    private static bool IsNull(YamlNode? node) => node is null or YamlScalar { IsPlain: true, Text: "" or "~" or "null" };

    private ImmutableArray<YamlNode> Items(string name)
    {
        if (this[name] is YamlSequence sequence)
        {
            return sequence.Items;
        }

        if (this[name] is { } other)
        {
            Tell(other, $"{PathOf(name)} must be a list");
        }

        return [];
    }

    private string? TextOf(YamlNode node, string path)
    {
        if (node is not YamlScalar scalar)
        {
            Tell(node, $"{path} must be a single value");
            return null;
        }

        return Variables().Replace(scalar.Text, match =>
        {
            if (match.Value.StartsWith("$$", StringComparison.Ordinal))
            {
                return match.Value[1..];
            }

            string variable = match.Groups["name"].Value;
            if (_context.Variable(variable) is { } value)
            {
                return value;
            }

            Tell(node, $"the environment has no variable {variable}", "set it, or write $${ for a plain ${");
            return "";
        });
    }

    private string FullPath(string path) => System.IO.Path.GetFullPath(path, System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(_context.File))!);

    private string PathOf(string name) => Path.Length == 0 ? name : $"{Path}.{name}";

    private static bool TryDuration(string text, out TimeSpan span)
    {
        span = TimeSpan.Zero;
        Match match = DurationText().Match(text);
        if (!match.Success || text.Length == 0)
        {
            return false;
        }

        try
        {
            foreach (Capture part in match.Groups["part"].Captures)
            {
                string unit = part.Value.TrimStart("0123456789".ToCharArray());
                long number = long.Parse(part.Value[..^unit.Length], CultureInfo.InvariantCulture);
                long ticks = unit switch
                {
                    "ms" => TimeSpan.TicksPerMillisecond,
                    "s" => TimeSpan.TicksPerSecond,
                    "m" => TimeSpan.TicksPerMinute,
                    "h" => TimeSpan.TicksPerHour,
                    "d" => TimeSpan.TicksPerDay,
                    _ => 7 * TimeSpan.TicksPerDay,
                };
                span += new TimeSpan(checked(number * ticks));
            }

            return true;
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    private static string Show(TimeSpan span) => span switch
    {
        { Ticks: var ticks } when ticks >= TimeSpan.TicksPerDay && ticks % TimeSpan.TicksPerDay == 0 => string.Create(CultureInfo.InvariantCulture, $"{(long)span.TotalDays}d"),
        { Ticks: var ticks } when ticks >= TimeSpan.TicksPerHour && ticks % TimeSpan.TicksPerHour == 0 => string.Create(CultureInfo.InvariantCulture, $"{(long)span.TotalHours}h"),
        { Ticks: var ticks } when ticks >= TimeSpan.TicksPerMinute && ticks % TimeSpan.TicksPerMinute == 0 => string.Create(CultureInfo.InvariantCulture, $"{(long)span.TotalMinutes}m"),
        { Ticks: var ticks } when ticks >= TimeSpan.TicksPerSecond && ticks % TimeSpan.TicksPerSecond == 0 => string.Create(CultureInfo.InvariantCulture, $"{(long)span.TotalSeconds}s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(long)span.TotalMilliseconds}ms"),
    };

    [GeneratedRegex(@"\$?\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)\}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Variables();

    [GeneratedRegex(@"^(?<number>[0-9]{1,15}(\.[0-9]{1,6})?) ?(?<unit>([kKMGT]i?)?B?)\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex SizeText();

    [GeneratedRegex(@"^(?<part>[0-9]{1,15}(ms|s|m|h|d|w))+\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex DurationText();
}
