namespace Vedette.Audit.Json;

/// <summary>
/// Where a JSON value lies in the bytes of its event. For strings the range is what stands between the quotes, still escaped;
/// for every other kind it is the value's own text.
/// </summary>
/// <param name="Start">First byte, from the start of the event.</param>
/// <param name="Length">Number of bytes.</param>
/// <param name="Kind">What stands there; <see cref="JsonKind.Missing"/> for the default value.</param>
/// <param name="IsEscaped">True for a string that holds at least one backslash escape.</param>
public readonly record struct JsonRange(int Start, int Length, JsonKind Kind, bool IsEscaped = false)
{
    /// <summary>True when there is a value, <c>null</c> included.</summary>
    public bool Exists => Kind != JsonKind.Missing;
}
