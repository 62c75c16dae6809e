namespace Vedette.Audit.Shapes;

/// <summary>
/// The second half of a list as kube-apiserver's webhook posts it, so that two readers can take a half each. Where its first item begins is a guess, and so is where the list ends: the reader of the first half finds out
/// whether they are right (<see cref="AuditLogReader.TryPass"/>).
/// </summary>
/// <param name="Start">Where its first item begins.</param>
/// <param name="End">Where the bracket stands that closes the list.</param>
public readonly record struct EventListHalf(int Start, int End)
{
    // What an event of kube-apiserver begins with, behind another one. A body can hold this too.
    private static ReadOnlySpan<byte> NextItem => "},{\"level\":\""u8;

    /// <summary>Guesses the second half of a list.</summary>
    /// <param name="input">The list, and nothing else but white space behind it.</param>
    /// <param name="half">The half.</param>
    /// <returns>False when the input does not look like such a list.</returns>
    public static bool TryGuess(ReadOnlySpan<byte> input, out EventListHalf half)
    {
        half = default;
        ReadOnlySpan<byte> list = input.TrimEnd(" \t\r\n"u8);
        if (!EventList.BeginsAt(list) || !list.EndsWith("}]}"u8))
        {
            return false;
        }

        // A little before the middle: who reads the first half goes over the whole list for its end as well.
        int middle = list.Length / 32 * 15;
        int found = list[middle..].IndexOf(NextItem);
        half = new EventListHalf(middle + found + 2, list.Length - 2);
        return found >= 0;
    }
}
