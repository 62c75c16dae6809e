using System.Globalization;

namespace Vedette.Benchmarks.Data;

/// <summary>Random things of Kubernetes from one seeded source.</summary>
internal sealed class Draw(int seed)
{
    private const string NameCharacters = "bcdfghjklmnpqrstvwxz2456789";

    // Random with a seed keeps its sequence from version to version of .NET, which the reproducibility of the data hangs on.
    private readonly Random _random = new(seed);

    /// <summary>True with this probability.</summary>
    public bool Chance(double probability) => _random.NextDouble() < probability;

    /// <summary>From 0 up to, not including, 1.</summary>
    public double Fraction() => _random.NextDouble();

    /// <summary>From one number up to, not including, another.</summary>
    public int Between(int from, int to) => _random.Next(from, to);

    /// <summary>Any of these.</summary>
    public T Of<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    /// <summary>One of these, the first much more often than the last (Zipf).</summary>
    public T Skewed<T>(IReadOnlyList<T> items) => items[Math.Min(items.Count - 1, (int)Math.Pow(items.Count + 1, _random.NextDouble()) - 1)];

    /// <summary>Hexadecimal digits.</summary>
    public string Hex(int digits)
    {
        Span<byte> bytes = stackalloc byte[digits / 2];
        _random.NextBytes(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    /// <summary>A random UUID of version 4.</summary>
    public string Uuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        _random.NextBytes(bytes);
        bytes[6] = (byte)(bytes[6] & 0x0f | 0x40);
        bytes[8] = (byte)(bytes[8] & 0x3f | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }

    /// <summary>What Kubernetes appends to generated names.</summary>
    public string Suffix(int length) => string.Create(length, _random, static (span, random) =>
    {
        foreach (ref char character in span)
        {
            character = NameCharacters[random.Next(NameCharacters.Length)];
        }
    });

    /// <summary>An address below a prefix of two bytes.</summary>
    public string Address(string prefix) => string.Create(CultureInfo.InvariantCulture, $"{prefix}.{_random.Next(256)}.{_random.Next(1, 255)}");
}
