using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Vedette.Fuzz;

/// <summary>What is promised does not hold.</summary>
#pragma warning disable CA1032, CA1064 // Thrown by targets only, and always with a reason.
internal sealed class FuzzFailure(string message) : Exception(message)
#pragma warning restore CA1032, CA1064
{
    /// <summary>Throws unless a promise holds.</summary>
    public static void Unless([DoesNotReturnIf(false)] bool holds, string reason)
    {
        if (!holds)
        {
            throw new FuzzFailure(reason);
        }
    }

    /// <summary>Throws unless a promise holds; the reason is written only then.</summary>
    public static void Unless([DoesNotReturnIf(false)] bool holds, [InterpolatedStringHandlerArgument(nameof(holds))] ref Reason reason)
    {
        if (!holds)
        {
            throw new FuzzFailure(reason.ToString());
        }
    }
}

/// <summary>The reason of a <see cref="FuzzFailure"/>, that is not made where nothing fails.</summary>
[InterpolatedStringHandler]
internal ref struct Reason
{
    private DefaultInterpolatedStringHandler _text;

    public Reason(int literalLength, int formattedCount, bool holds, out bool isWanted)
    {
        isWanted = !holds;
        _text = isWanted ? new DefaultInterpolatedStringHandler(literalLength, formattedCount, CultureInfo.InvariantCulture) : default;
    }

    public void AppendLiteral(string text) => _text.AppendLiteral(text);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    public override readonly string ToString() => _text.ToString();
}
