namespace Vedette.Audit.Decoding;

/// <summary>What became of decoding some bytes.</summary>
public enum DecodeStatus : byte
{
    /// <summary>One JSON object, its fields located.</summary>
    Ok,

    /// <summary>Nothing but white space.</summary>
    Empty,

    /// <summary>JSON, but not an object.</summary>
    NotAnObject,

    /// <summary>The input ends inside the object: a line cut short.</summary>
    Truncated,

    /// <summary>Not JSON.</summary>
    Malformed,
}
