using Vedette.Audit.Events;
using Vedette.Audit.Json;
using Vedette.Detection.Fields;

namespace Vedette.Detection.Engine;

/// <summary>What a rule with new terms tells matches apart by, as one text. One per thread.</summary>
/// <param name="rules">The rules.</param>
/// <param name="fields">Reads the event.</param>
internal sealed class TermKey(CompiledRules rules, FieldResolver fields)
{
    /// <summary>Longest values of a term, in bytes, of which repeats are told before they are taken out of the batch.</summary>
    public const int MaxLength = KeyedHash.MaxLength;

    private readonly byte[] _key = new byte[MaxLength];

    /// <summary>The values of the rule's fields, and the user where it asks for peers: different texts for different ones.</summary>
    /// <returns>Good until the next call; empty when it is longer than <see cref="MaxLength"/>.</returns>
    public ReadOnlySpan<byte> Of(int rule, in EventView view)
    {
        int length = 0;
        bool fits = AppendNumber(rule, ref length);
        foreach (int path in rules.Stateful.TermPaths[rule])
        {
            Range values = fields.Resolve(path, view, out _);
            for (int value = values.Start.Value; fits && value < values.End.Value; value++)
            {
                fits = fields.KindOf(value) == JsonKind.Null || AppendText(fields.TextOf(value, view), ref length);
            }

            fits = fits && AppendNumber(-1, ref length);
        }

        if (!rules.Rules[rule].NewTerms!.Peers.IsEmpty)
        {
            fits = fits && AppendText(view[AuditField.UserName].Raw, ref length) && AppendText(view[AuditField.ImpersonatedUserName].Raw, ref length);
        }

        return fits ? _key.AsSpan(0, length) : default;
    }

    private bool AppendText(ReadOnlySpan<byte> text, ref int length)
    {
        if (!AppendNumber(text.Length, ref length) || !text.TryCopyTo(_key.AsSpan(length)))
        {
            return false;
        }

        length += text.Length;
        return true;
    }

    private bool AppendNumber(int number, ref int length)
    {
        bool fits = BitConverter.TryWriteBytes(_key.AsSpan(length), number);
        length += sizeof(int);
        return fits;
    }
}
