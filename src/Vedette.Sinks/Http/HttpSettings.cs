namespace Vedette.Sinks.Http;

/// <summary>How HTTP is spoken with a receiver.</summary>
public sealed record HttpSettings
{
    /// <summary>Value of Authorization; null for none. Secret.</summary>
    public string? Authorization { get; init; }

    /// <summary>Further headers; values are secret.</summary>
    public ValueList<HttpHeader> Headers { get; init; } = new([]);

    /// <summary>PEM of the certificate authorities that are trusted instead of the system's; null for the system's.</summary>
    public string? Authorities { get; init; }

    /// <summary>How long one request may take, connecting included.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>How long one request may take when nothing is said.</summary>
    public static TimeSpan DefaultTimeout { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Settings are printed in error reports: without their secrets.</summary>
    public override string ToString() => nameof(HttpSettings);
}

/// <summary>A header to send.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
public readonly record struct HttpHeader(string Name, string Value);
