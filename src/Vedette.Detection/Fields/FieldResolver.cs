using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Detection.Fields;

/// <summary>
/// Reads the fields of rules from one event after the other. Every field is read at most once per event, every value unescaped or folded at most once. The values
/// lie in lists that are used again, so an event costs no allocation once they have grown. One resolver per thread.
/// </summary>
internal sealed class FieldResolver
{
    private readonly FieldPath[] _paths;
    private readonly Resolution[] _resolutions;
    private readonly JsonObjectMemory _objects = new();
    private FieldValue[] _values = new FieldValue[256];
    private byte[] _scratch = new byte[4096];
    private int _valueCount;
    private int _scratchLength;
    private int _epoch;
    private bool _seen;

    /// <summary>A resolver of these fields, which are named by their place.</summary>
    public FieldResolver(IReadOnlyList<FieldPath> paths)
    {
        _paths = [.. paths];
        _resolutions = new Resolution[_paths.Length];
    }

    /// <summary>Forgets the event before.</summary>
    public void Begin()
    {
        _valueCount = 0;
        _scratchLength = 0;
        _objects.Forget();
        if (++_epoch == int.MaxValue)
        {
            Array.Clear(_resolutions);
            _epoch = 1;
        }
    }

    /// <summary>The values of a field: their places for <see cref="TextOf"/> and <see cref="FoldedOf"/>.</summary>
    /// <param name="field">The field's place.</param>
    /// <param name="view">The event.</param>
    /// <param name="exists">True when the field is there, even as null or as an empty array.</param>
    public Range Resolve(int field, in EventView view, out bool exists)
    {
        ref Resolution resolution = ref _resolutions[field];
        if (resolution.Epoch != _epoch)
        {
            // Derived fields ask for nothing of this list, so nothing is written between start and end by anybody else.
            int start = _valueCount;
            _seen = false;
            Read(_paths[field], view);
            resolution = new Resolution(_epoch, start, _valueCount, _seen);
        }

        exists = resolution.Exists;
        return resolution.Start..resolution.End;
    }

    /// <summary>What a value is.</summary>
    public JsonKind KindOf(int value) => _values[value].Kind;

    /// <summary>A value as text: escapes resolved, numbers and literals as written, objects as compact JSON.</summary>
    public ReadOnlySpan<byte> TextOf(int value, in EventView view)
    {
        ref FieldValue found = ref _values[value];
        ReadOnlySpan<byte> text = found.InScratch ? _scratch.AsSpan(found.Start, found.Length) : view.Json.Slice(found.Start, found.Length);
        if (found.IsText)
        {
            return text;
        }

        found.IsText = true;
        if (found.Kind == JsonKind.Object && !text.ContainsAny(" \t\r\n"u8))
        {
            return text;
        }

        int start = Reserve(text.Length);
        Span<byte> plain = _scratch.AsSpan(start);
        // Reserve may have moved the scratch memory, but what is not text yet never lies there.
        int length = found.Kind == JsonKind.String ? JsonText.Unescape(text, plain) : JsonText.Compact(text, plain);
        _scratchLength = start + length;
        found.Start = start;
        found.Length = length;
        found.InScratch = true;
        return plain[..length];
    }

    /// <summary>A value's text, case folded.</summary>
    public ReadOnlySpan<byte> FoldedOf(int value, in EventView view)
    {
        if (_values[value].FoldedStart < 0)
        {
            int length = TextOf(value, view).Length;
            int start = Reserve(checked(length * CaseFolding.MaxGrowth));
            int written = CaseFolding.Fold(TextOf(value, view), _scratch.AsSpan(start));
            _scratchLength = start + written;
            _values[value].FoldedStart = start;
            _values[value].FoldedLength = written;
        }

        return _scratch.AsSpan(_values[value].FoldedStart, _values[value].FoldedLength);
    }

    /// <summary>Says that the field is there, whether or not it has values.</summary>
    public void MarkExists() => _seen = true;

    /// <summary>Adds a value that stands in the event; of an array its elements.</summary>
    public void Add(in EventView view, JsonValue value)
    {
        _seen = true;
        if (value.Kind != JsonKind.Array)
        {
            AddRange(view, value);
            return;
        }

        FlatElements elements = new(value);
        while (elements.MoveNext())
        {
            AddRange(view, elements.Current);
        }
    }

    /// <summary>Adds a text that is not in the event.</summary>
    public void AddText(ReadOnlySpan<byte> text)
    {
        int start = BeginText();
        Write(text);
        AddScratch(start, text.Length, JsonKind.String);
    }

    /// <summary>A value's text, good while this event lasts; null is empty.</summary>
    public ReadOnlySpan<byte> Unescaped(JsonValue value)
    {
        if (!value.IsEscaped)
        {
            return value.Kind == JsonKind.Null ? default : value.Raw;
        }

        int start = BeginText();
        Write(value);
        return Written(start);
    }

    /// <summary>Begins a text that is put together with <see cref="Write(ReadOnlySpan{byte})"/>.</summary>
    /// <returns>Where it begins.</returns>
    public int BeginText() => _scratchLength;

    /// <summary>Writes a part of a text.</summary>
    public void Write(ReadOnlySpan<byte> part)
    {
        int start = Reserve(part.Length);
        part.CopyTo(_scratch.AsSpan(start));
        _scratchLength = start + part.Length;
    }

    /// <summary>Writes a value's text: escapes resolved, numbers and literals as written, nothing for null and missing.</summary>
    public void Write(JsonValue part)
    {
        if (!part.IsEscaped)
        {
            Write(part.Kind == JsonKind.Null ? default : part.Raw);
            return;
        }

        int start = Reserve(part.Raw.Length);
        _scratchLength = start + JsonText.Unescape(part.Raw, _scratch.AsSpan(start));
    }

    /// <summary>What has been written, to be changed in place; good until more is.</summary>
    public Span<byte> Written(int start) => _scratch.AsSpan(start.._scratchLength);

    /// <summary>Ends a text that was changed in place.</summary>
    public void EndText(int start, int length) => _scratchLength = start + length;

    /// <summary>Adds what has been written.</summary>
    public void AddWritten(int start) => AddWritten(start, _scratchLength - start);

    /// <summary>Adds what has been written and changed in place.</summary>
    public void AddWritten(int start, int length)
    {
        // Escapes of a client's making can say any bytes.
        if (!Utf8.IsValid(_scratch.AsSpan(start, length)))
        {
            string text = Encoding.UTF8.GetString(_scratch.AsSpan(start, length));
            _scratchLength = start;
            AddText(text);
            return;
        }

        EndText(start, length);
        AddScratch(start, length, JsonKind.String);
    }

    /// <summary>Adds a text that is not in the event.</summary>
    public void AddText(string text)
    {
        int start = Reserve(Encoding.UTF8.GetMaxByteCount(text.Length));
        int length = Encoding.UTF8.GetBytes(text, _scratch.AsSpan(start));
        _scratchLength = start + length;
        AddScratch(start, length, JsonKind.String);
    }

    /// <summary>Adds a boolean that is not in the event.</summary>
    public void AddBoolean(bool value)
    {
        ReadOnlySpan<byte> text = value ? "true"u8 : "false"u8;
        AddText(text);
        _values[_valueCount - 1].Kind = value ? JsonKind.True : JsonKind.False;
    }

    /// <summary>A member of an object of the event.</summary>
    public JsonValue Member(JsonValue of, ReadOnlySpan<byte> name) => _objects.Member(of, name);

    /// <summary>A member of a member.</summary>
    public JsonValue Member(JsonValue of, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => _objects.Member(_objects.Member(of, first), second);

    /// <summary>Walks a path down from a value and adds what is there.</summary>
    public void Walk(in EventView view, JsonValue from, FieldPath path, int place)
    {
        if (place == path.Count)
        {
            if (from.Exists)
            {
                Add(view, from);
            }

            return;
        }

        switch (from.Kind)
        {
            case JsonKind.Object:
                if (Member(from, path, place, out int names) is { Exists: true } member)
                {
                    Walk(view, member, path, place + names);
                }

                break;
            case JsonKind.Array when path.IndexAt(place) >= 0:
                int index = path.IndexAt(place);
                foreach (JsonValue element in from.Elements())
                {
                    if (index-- == 0)
                    {
                        Walk(view, element, path, place + 1);
                        break;
                    }
                }

                break;
            case JsonKind.Array:
                FlatElements elements = new(from);
                while (elements.MoveNext())
                {
                    Walk(view, elements.Current, path, place);
                }

                break;
        }
    }

    /// <summary>Adds every scalar of the event, for keywords.</summary>
    public void AddAllScalars(in EventView view)
    {
        ScalarLeaves leaves = new(view.Json);
        while (leaves.MoveNext())
        {
            AddRange(view, leaves.Current);
        }
    }

    /// <summary>The member that the longest of the possible names finds.</summary>
    private JsonValue Member(JsonValue from, FieldPath path, int place, out int names)
    {
        names = path.Count - place;
        foreach (byte[] name in path.NamesAt(place))
        {
            if (_objects.Member(from, name) is { Exists: true } member)
            {
                return member;
            }

            names--;
        }

        return default;
    }

    private void Read(FieldPath path, in EventView view)
    {
        if (path.Derived is { } derived)
        {
            DerivedFields.Read(derived, path, view, this);
        }
        else if (ReferenceEquals(path, AllScalars))
        {
            AddAllScalars(view);
        }
        else if (path.Field is { } field && !view.IsIrregular)
        {
            Walk(view, view[field], path, 0);
        }
        else
        {
            new JsonScanner(view.Json).TryReadValue(out JsonValue root);
            Walk(view, root, path.FromRoot, 0);
        }
    }

    /// <summary>The pseudo-field whose values are all scalars of the event.</summary>
    public static FieldPath AllScalars { get; } = FieldPath.Parse("\u0000all");

    private void AddRange(in EventView view, JsonValue value)
    {
        nint start = Unsafe.ByteOffset(ref MemoryMarshal.GetReference(view.Json), ref MemoryMarshal.GetReference(value.Raw));
        bool isText = value.Kind != JsonKind.Object && !value.IsEscaped;
        Append(new FieldValue { Start = (int)start, Length = value.Raw.Length, Kind = value.Kind, IsText = isText, FoldedStart = -1 });
    }

    private void AddScratch(int start, int length, JsonKind kind)
    {
        _seen = true;
        Append(new FieldValue { Start = start, Length = length, Kind = kind, InScratch = true, IsText = true, FoldedStart = -1 });
    }

    private void Append(FieldValue value)
    {
        if (_valueCount == _values.Length)
        {
            Array.Resize(ref _values, _values.Length * 2);
        }

        _values[_valueCount++] = value;
    }

    private int Reserve(int length)
    {
        int needed = checked(_scratchLength + length);
        if (needed > _scratch.Length)
        {
            Array.Resize(ref _scratch, (int)Math.Min(Array.MaxLength, Math.Max(needed, _scratch.Length * 2L)));
        }

        return _scratchLength;
    }

    private readonly record struct Resolution(int Epoch, int Start, int End, bool Exists);
}
