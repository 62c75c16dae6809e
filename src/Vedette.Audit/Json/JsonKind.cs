namespace Vedette.Audit.Json;

/// <summary>What a JSON value is. <see cref="Missing"/> is "there is no such value", which is not <see cref="Null"/>.</summary>
public enum JsonKind : byte
{
    /// <summary>There is no value.</summary>
    Missing = 0,

    /// <summary>The literal <c>null</c>.</summary>
    Null,

    /// <summary>The literal <c>false</c>.</summary>
    False,

    /// <summary>The literal <c>true</c>.</summary>
    True,

    /// <summary>A number, as its text.</summary>
    Number,

    /// <summary>A string; the range holds the characters between the quotes, still escaped.</summary>
    String,

    /// <summary>An object, braces included.</summary>
    Object,

    /// <summary>An array, brackets included.</summary>
    Array,
}
