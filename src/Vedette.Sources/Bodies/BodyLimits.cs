namespace Vedette.Sources.Bodies;

/// <summary>What a body may cost.</summary>
public sealed record BodyLimits
{
    /// <summary>Most bytes of a body after decompression, unless said otherwise. kube-apiserver posts tens of MB: 400 events of any size.</summary>
    public const int MaxPlainLengthDefault = 256 * 1024 * 1024;

    /// <summary>Most plain bytes for one compressed byte, unless said otherwise. Audit events reach 30; gzip can reach 1,032 and zstd far more.</summary>
    public const int MaxRatioDefault = 200;

    /// <summary>Plain bytes that may come whatever the ratio: so little does no harm.</summary>
    public const int FreeLength = 4 * 1024 * 1024;

    /// <summary>Most bytes of the body after decompression.</summary>
    public int MaxPlainLength { get; init; } = MaxPlainLengthDefault;

    /// <summary>Most plain bytes for one compressed byte, beyond <see cref="FreeLength"/>.</summary>
    public int MaxRatio { get; init; } = MaxRatioDefault;

    /// <summary>Asked before this many more plain bytes are kept: one budget for all bodies that are being read. False ends the body. Null where there is no budget.</summary>
    public Func<int, bool>? Reserve { get; init; }
}
