namespace Vedette.Detection.Fields;

/// <summary>The parameters of a URI's query, one after the other, as they are written.</summary>
internal ref struct UriQuery
{
    private ReadOnlySpan<byte> _rest;
    private bool _ended;

    /// <summary>The query of a URI; without one there are no parameters.</summary>
    public UriQuery(ReadOnlySpan<byte> uri)
    {
        int start = uri.IndexOf((byte)'?');
        _ended = start < 0;
        _rest = uri[(start + 1)..];
    }

    /// <summary>The parameter's name, not decoded.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>The parameter's value, not decoded; empty where it has none.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Goes to the next parameter.</summary>
    public bool MoveNext()
    {
        if (_ended)
        {
            return false;
        }

        int end = _rest.IndexOf((byte)'&');
        _ended = end < 0;
        ReadOnlySpan<byte> parameter = _ended ? _rest : _rest[..end];
        _rest = _rest[(end + 1)..];
        int equals = parameter.IndexOf((byte)'=');
        Name = equals < 0 ? parameter : parameter[..equals];
        Value = equals < 0 ? default : parameter[(equals + 1)..];
        return true;
    }

    /// <summary>Is this the parameter's name, decoded?</summary>
    public readonly bool IsNamed(ReadOnlySpan<byte> name)
    {
        // An escape takes three bytes for one.
        if (Name.Length > name.Length * 3)
        {
            return false;
        }

        Span<byte> decoded = stackalloc byte[Name.Length];
        Name.CopyTo(decoded);
        return decoded[..PercentEncoding.Decode(decoded, plusIsBlank: true)].SequenceEqual(name);
    }
}
