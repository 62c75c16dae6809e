namespace Vedette.Audit.Blocks;

/// <summary>Which instructions look at blocks.</summary>
internal enum SimdWidth
{
    /// <summary>None.</summary>
    Scalar,

    /// <summary>128 bits.</summary>
    Vector128,

    /// <summary>256 bits.</summary>
    Vector256,

    /// <summary>512 bits.</summary>
    Vector512,
}

/// <summary>What this processor can do.</summary>
internal static class SimdWidths
{
    /// <summary>The widest instructions of this processor.</summary>
    public static SimdWidth Widest { get; } =
        Vector512Kernel.IsSupported ? SimdWidth.Vector512
        : Vector256Kernel.IsSupported ? SimdWidth.Vector256
        : Vector128Kernel.IsSupported ? SimdWidth.Vector128
        : SimdWidth.Scalar;
}
