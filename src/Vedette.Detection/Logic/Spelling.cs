namespace Vedette.Detection.Logic;

/// <summary>How alike two spellings are.</summary>
internal static class Spelling
{
    /// <summary>Letters to insert, remove, change or swap (optimal string alignment), case not counted; at least <paramref name="limit"/> where it would be more.</summary>
    public static int Distance(string one, string other, int limit)
    {
        if (Math.Abs(one.Length - other.Length) >= limit || one.Length > 256 || other.Length > 256)
        {
            return limit;
        }

        int[] before = new int[other.Length + 1];
        int[] last = [.. Enumerable.Range(0, other.Length + 1)];
        for (int i = 1; i <= one.Length; i++)
        {
            int[] current = new int[other.Length + 1];
            current[0] = i;
            for (int j = 1; j <= other.Length; j++)
            {
                int cost = Same(one[i - 1], other[j - 1]) ? 0 : 1;
                current[j] = Math.Min(Math.Min(current[j - 1], last[j]) + 1, last[j - 1] + cost);
                if (i > 1 && j > 1 && Same(one[i - 1], other[j - 2]) && Same(one[i - 2], other[j - 1]))
                {
                    current[j] = Math.Min(current[j], before[j - 2] + 1);
                }
            }

            (before, last) = (last, current);
        }

        return Math.Min(last[other.Length], limit);
    }

    /// <summary>Of these words the one most like the given one; null when none is like it.</summary>
    public static string? Nearest(string word, IEnumerable<string> words)
    {
        int least = Math.Max(1, word.Length / 3) + 1;
        string? best = null;
        foreach (string candidate in words)
        {
            int distance = Distance(word, candidate, least);
            if (distance < least)
            {
                (best, least) = (candidate, distance);
            }
        }

        return best;
    }

    private static bool Same(char one, char other) => char.ToLowerInvariant(one) == char.ToLowerInvariant(other);
}
