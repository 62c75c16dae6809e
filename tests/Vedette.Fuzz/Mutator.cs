namespace Vedette.Fuzz;

/// <summary>
/// Makes new inputs of known ones, the same ones for the same seed: bytes are changed, stretches removed, repeated, moved and taken from other inputs, words of the target's language put in. What AFL does
/// for hours, without knowing what is reached, for a second.
/// </summary>
internal sealed class Mutator(IReadOnlyList<byte[]> corpus, IReadOnlyList<byte[]> tokens, ulong seed)
{
    private const int MaxChanges = 4;

    private ulong _state = seed;

    /// <summary>The next input.</summary>
    public byte[] Next()
    {
        List<byte> input = [.. corpus[Below(corpus.Count)]];
        for (int changes = 1 + Below(MaxChanges); changes > 0; changes--)
        {
            Change(input);
        }

        return [.. input];
    }

    private void Change(List<byte> input)
    {
        int at = Below(input.Count + 1);
        int length = Math.Min(input.Count - at, 1 + Below(1 << Below(8)));
        switch (Below(7))
        {
            case 0 when at < input.Count:
                input[at] ^= (byte)(1 << Below(8));
                break;
            case 1 when at < input.Count:
                input[at] = (byte)Below(256);
                break;
            case 2:
                input.RemoveRange(at, length);
                break;
            case 3:
                input.InsertRange(Below(input.Count + 1), input.GetRange(at, length));
                break;
            case 4:
                byte[] other = corpus[Below(corpus.Count)];
                int from = Below(other.Length + 1);
                input.InsertRange(at, other.AsSpan(from, Math.Min(other.Length - from, 1 + Below(1 << Below(10)))).ToArray());
                break;
            case 5:
                input.RemoveRange(at, length);
                input.InsertRange(at, tokens[Below(tokens.Count)]);
                break;
            default:
                input.InsertRange(at, tokens[Below(tokens.Count)]);
                break;
        }
    }

    /// <summary>A number from 0 that is less than a bound (splitmix64).</summary>
    private int Below(int bound)
    {
        ulong value = _state += 0x9e3779b97f4a7c15;
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return (int)((value ^ (value >> 31)) % (ulong)bound);
    }
}
