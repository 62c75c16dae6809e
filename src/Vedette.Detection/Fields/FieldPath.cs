using System.Globalization;
using System.Text;
using Vedette.Audit.Events;

namespace Vedette.Detection.Fields;

/// <summary>
/// A field of a rule, prepared for reading: which field of the catalogue or which derived field it starts at, and the names below that. At every object the longest
/// literal name wins, so for each place all joined names are kept, longest first.
/// </summary>
internal sealed class FieldPath
{
    /// <summary>Most names in a path.</summary>
    public const int MaxSegments = 64;

    private readonly string[] _segments;
    private readonly int[] _indexes;

    // Made when asked for, the same whoever makes them: most logs hardly have what most paths are about.
    private readonly byte[][]?[] _joined;
    private FieldPath? _fromRoot;

    private FieldPath(string text, AuditField? field, DerivedField? derived, string rest)
    {
        Text = text;
        Field = field;
        Derived = derived;
        _segments = rest.Length == 0 ? [] : rest.Split('.', MaxSegments);
        _joined = _segments.Length == 0 ? [] : new byte[_segments.Length][][];
        _indexes = _segments.Length == 0 ? [] : Array.ConvertAll(_segments, segment => int.TryParse(segment, NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? index : -1);
    }

    /// <summary>The path as written.</summary>
    public string Text { get; }

    /// <summary>The field of the catalogue that the walk starts at; null for the event itself or a derived field.</summary>
    public AuditField? Field { get; }

    /// <summary>The derived field that the walk starts at.</summary>
    public DerivedField? Derived { get; }

    /// <summary>The fields of the catalogue that its values follow from, in an event that is not irregular; null when they may follow from anything in the event.</summary>
    public FieldSet? Inputs => Derived is { } derived ? DerivedFields.InputsOf(derived) : Field is { } start ? FieldSet.Of(start) : null;

    /// <summary>Number of names below the start.</summary>
    public int Count => _segments.Length;

    /// <summary>The same path walked from the event itself, for events whose shape the catalogue cannot tell.</summary>
    public FieldPath FromRoot => Field is null ? this : _fromRoot ??= new FieldPath(Text, null, null, Text);

    /// <summary>Prepares a path.</summary>
    public static FieldPath Parse(string path)
    {
        if (DerivedFields.TrySplit(path, out DerivedField derived, out string rest))
        {
            return new FieldPath(path, null, derived, rest);
        }

        return FieldCatalogue.TrySplit(path, out AuditField field, out rest)
            ? new FieldPath(path, field, null, rest)
            : new FieldPath(path, null, null, path);
    }

    /// <summary>The names that may stand here: all that follow joined by dots, then one fewer, and so on to the next one alone.</summary>
    public ReadOnlySpan<byte[]> NamesAt(int place) => _joined[place] ??= Join(place);

    /// <summary>The number that the name here is, or -1.</summary>
    public int IndexAt(int place) => _indexes[place];

    private byte[][] Join(int place)
    {
        byte[][] names = new byte[Count - place][];
        for (int i = 0; i < names.Length; i++)
        {
            names[i] = Encoding.UTF8.GetBytes(string.Join('.', _segments.AsSpan(place, names.Length - i)!));
        }

        return names;
    }
}
