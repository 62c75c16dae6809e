using System.Runtime.InteropServices;

namespace Vedette.Detection.Stateful;

/// <summary>The values of some fields as texts. Used again for one match after the other, so that unpacking costs no allocation.</summary>
internal sealed class UnpackedValues
{
    private readonly List<(string Name, int Start)> _fields = [];
    private readonly List<string> _texts = [];

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _fields.Clear();
        _texts.Clear();
    }

    /// <summary>The values that are added next are those of a field.</summary>
    public void BeginField(string name) => _fields.Add((name, _texts.Count));

    /// <summary>Adds a value of the last field.</summary>
    public void Add(string text) => _texts.Add(text);

    /// <summary>The values of a field; none when it is missing.</summary>
    /// <param name="field">Name of the field; null for none.</param>
    /// <returns>Good until values are added or forgotten.</returns>
    public ReadOnlySpan<string> Of(string? field)
    {
        for (int i = 0; i < _fields.Count; i++)
        {
            (string name, int start) = _fields[i];
            if (name == field)
            {
                return CollectionsMarshal.AsSpan(_texts)[start..(i + 1 < _fields.Count ? _fields[i + 1].Start : _texts.Count)];
            }
        }

        return [];
    }
}
