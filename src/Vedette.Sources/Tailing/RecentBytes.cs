namespace Vedette.Sources.Tailing;

/// <summary>The last bytes of what was read of a file, at most <see cref="Fingerprint.MaxNear"/>.</summary>
internal sealed class RecentBytes
{
    private readonly byte[] _bytes = new byte[Fingerprint.MaxNear];
    private int _length;

    /// <summary>By what they are known again.</summary>
    public Fingerprint Fingerprint => Fingerprint.Of(Span);

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, _length);

    /// <summary>Begins anew with these.</summary>
    public void Set(ReadOnlySpan<byte> bytes)
    {
        _length = 0;
        Add(bytes);
    }

    /// <summary>Adds what was read next.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        bytes = bytes[^Math.Min(bytes.Length, _bytes.Length)..];
        int kept = Math.Min(_length, _bytes.Length - bytes.Length);
        _bytes.AsSpan(_length - kept, kept).CopyTo(_bytes);
        bytes.CopyTo(_bytes.AsSpan(kept));
        _length = kept + bytes.Length;
    }
}
