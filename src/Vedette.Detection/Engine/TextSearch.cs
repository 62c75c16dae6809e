using System.Collections.Immutable;

namespace Vedette.Detection.Engine;

/// <summary>
/// Finds many literal texts in one pass (Aho and Corasick, "Efficient string matching", 1975): the automaton of the texts of all rules that look for texts in the same field. Texts and input
/// are case-folded UTF-8. Immutable.
/// </summary>
internal sealed class TextSearch
{
    /// <summary>Most states, about the sum of the texts' lengths; texts beyond that are left out and looked for one by one.</summary>
    public const int MaxStates = 1 << 14;

    private readonly byte[] _classes;
    private readonly int _classCount;
    private readonly int[] _next;
    private readonly int[] _link;
    private readonly ImmutableArray<SoughtText>[] _ends;

    private TextSearch(byte[] classes, int classCount, int[] next, int[] link, ImmutableArray<SoughtText>[] ends)
    {
        _classes = classes;
        _classCount = classCount;
        _next = next;
        _link = link;
        _ends = ends;
    }

    /// <summary>Builds the automaton; there must be room for all texts, see <see cref="MaxStates"/>.</summary>
    public static TextSearch Build(IReadOnlyCollection<SoughtText> texts)
    {
        // Bytes that no text has are all alike: class 0.
        byte[] classes = new byte[256];
        int classCount = 1;
        foreach (byte value in texts.SelectMany(text => text.Text).Distinct().Take(255))
        {
            classes[value] = (byte)classCount++;
        }

        // Children of a state by class, as deep as the texts go; a state behind the longest of them may be there for nothing.
        int[] next = new int[(1 + texts.Sum(text => text.Text.Length)) * classCount];
        List<List<SoughtText>?> ends = [null];
        foreach (SoughtText text in texts)
        {
            int state = 0;
            foreach (byte value in text.Text)
            {
                ref int child = ref next[(state * classCount) + classes[value]];
                if (child == 0)
                {
                    child = ends.Count;
                    ends.Add(null);
                }

                state = child;
            }

            (ends[state] ??= []).Add(text);
        }

        ImmutableArray<SoughtText>[] endsOf = [.. ends.Select(list => list is null ? [] : list.ToImmutableArray())];
        return new TextSearch(classes, classCount, next, Connect(next, endsOf, classCount), endsOf);
    }

    /// <summary>Adds the predicates of all texts that stand in the input where they should; one may be added several times.</summary>
    public void Find(ReadOnlySpan<byte> input, List<int> found)
    {
        int state = 0;
        for (int i = 0; i < input.Length; i++)
        {
            state = _next[state * _classCount + _classes[input[i]]];
            for (int end = _ends[state].IsEmpty ? _link[state] : state; end != 0; end = _link[end])
            {
                foreach (SoughtText text in _ends[end])
                {
                    if ((!text.AtStart || i + 1 == text.Text.Length) && (!text.AtEnd || i + 1 == input.Length))
                    {
                        found.Add(text.Predicate);
                    }
                }
            }
        }
    }

    // By breadth, so that the state for a shorter text is complete before it is needed. The link leads to the longest shorter text that ends in the same place.
    private static int[] Connect(int[] next, ImmutableArray<SoughtText>[] ends, int classCount)
    {
        int[] suffix = new int[ends.Length];
        int[] link = new int[ends.Length];
        Queue<int> queue = new([0]);
        while (queue.TryDequeue(out int state))
        {
            for (int symbol = 0; symbol < classCount; symbol++)
            {
                ref int child = ref next[(state * classCount) + symbol];
                int instead = state == 0 ? 0 : next[(suffix[state] * classCount) + symbol];
                if (child == 0)
                {
                    child = instead;
                    continue;
                }

                suffix[child] = instead;
                link[child] = ends[instead].IsEmpty ? link[instead] : instead;
                queue.Enqueue(child);
            }
        }

        return link;
    }
}

/// <summary>A text that a predicate looks for.</summary>
/// <param name="Text">The text, folded, not empty.</param>
/// <param name="AtStart">It must stand at the start of the value.</param>
/// <param name="AtEnd">It must stand at the end.</param>
/// <param name="Predicate">The predicate that holds then.</param>
internal readonly record struct SoughtText(byte[] Text, bool AtStart, bool AtEnd, int Predicate);
