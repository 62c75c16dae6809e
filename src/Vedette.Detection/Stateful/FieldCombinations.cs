using System.Collections.Immutable;

namespace Vedette.Detection.Stateful;

/// <summary>The combinations of the values of some fields, one value of each: one for no fields, none when a field is missing. Used again for one match after the other.</summary>
internal sealed class FieldCombinations
{
    /// <summary>Most combinations taken of one match.</summary>
    public const int Max = 64;

    private UnpackedValues? _values;
    private ImmutableArray<string?> _fields;
    private string[] _current = [];
    private int[] _places = [];
    private int _count;

    /// <summary>Begins with the values of a match.</summary>
    public void Begin(UnpackedValues values, ImmutableArray<string?> fields)
    {
        (_values, _fields, _count) = (values, fields, 0);
        if (_current.Length < fields.Length)
        {
            _current = new string[fields.Length];
            _places = new int[fields.Length];
        }
    }

    /// <summary>Goes on to the next combination; the values of the last field change first.</summary>
    /// <param name="combination">It; good until the next call.</param>
    /// <returns>False when there is none.</returns>
    public bool TryNext(out ReadOnlySpan<string> combination)
    {
        combination = _current.AsSpan(0, _fields.Length);
        return _count++ == 0 ? TryFirst() : _count <= Max && TryStep();
    }

    private bool TryFirst()
    {
        for (int i = 0; i < _fields.Length; i++)
        {
            ReadOnlySpan<string> of = _values!.Of(_fields[i]);
            if (of.IsEmpty)
            {
                return false;
            }

            (_current[i], _places[i]) = (of[0], 0);
        }

        return true;
    }

    private bool TryStep()
    {
        for (int i = _fields.Length - 1; i >= 0; i--)
        {
            ReadOnlySpan<string> of = _values!.Of(_fields[i]);
            if (++_places[i] < of.Length)
            {
                _current[i] = of[_places[i]];
                return true;
            }

            (_current[i], _places[i]) = (of[0], 0);
        }

        return false;
    }
}
