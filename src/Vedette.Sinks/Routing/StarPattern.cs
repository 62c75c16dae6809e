namespace Vedette.Sinks.Routing;

/// <summary>A text to compare with: exact, or with <c>*</c> for any characters, none included. Case counts.</summary>
public sealed record StarPattern
{
    private readonly string[] _parts;

    /// <summary>Makes one.</summary>
    /// <param name="text">The pattern.</param>
    public StarPattern(string text)
    {
        Text = text;
        _parts = text.Split('*');
    }

    /// <summary>As written.</summary>
    public string Text { get; }

    /// <summary>Does a value match? Linear in its length but for the parts between stars, which are looked for one after the other.</summary>
    public bool Matches(ReadOnlySpan<char> value)
    {
        if (_parts.Length == 1)
        {
            return value.SequenceEqual(Text);
        }

        string first = _parts[0];
        string last = _parts[^1];
        if (value.Length < first.Length + last.Length || !value.StartsWith(first, StringComparison.Ordinal) || !value.EndsWith(last, StringComparison.Ordinal))
        {
            return false;
        }

        ReadOnlySpan<char> between = value[first.Length..^last.Length];
        foreach (string part in _parts.AsSpan(1, _parts.Length - 2))
        {
            int at = between.IndexOf(part, StringComparison.Ordinal);
            if (at < 0)
            {
                return false;
            }

            between = between[(at + part.Length)..];
        }

        return true;
    }

    /// <inheritdoc />
    public bool Equals(StarPattern? other) => other is not null && other.Text == Text;

    /// <inheritdoc />
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}
