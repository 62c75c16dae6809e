using System.Buffers;
using System.Collections.Immutable;
using CsCheck;
using Vedette.Detection.Engine;
using Vedette.Detection.Packing;
using Vedette.Detection.Stateful;
using Xunit;

namespace Vedette.Detection.Tests.Stateful;

public class SavedStateTests
{
    private const string Rules = Log.Bases + """
        title: new
        vedette: {new_terms: {fields: [g], peers: [g]}}
        logsource: {product: kubernetes, service: audit}
        detection: {sel: {kind: a}, condition: sel}
        ---
        title: fold
        vedette: {suppress: {by: [g], for: 1h}}
        logsource: {product: kubernetes, service: audit}
        detection: {sel: {kind: a}, condition: sel}
        ---
        title: many
        name: many
        correlation: {type: event_count, rules: [a, b], group-by: [g], timespan: 1h, condition: {gte: 2}}
        ---
        title: few
        correlation: {type: value_count, rules: [a], group-by: [g], timespan: 1h, condition: {field: g, lt: 5}}
        ---
        title: without
        correlation: {type: temporal, group-by: [g], timespan: 1h, condition: a and not b}
        ---
        title: chain
        correlation: {type: event_count, rules: [many], timespan: 1d, condition: {gte: 3}}
        """;

    private static readonly CompiledRules s_rules = Log.Rules(Rules);

    private static readonly byte[] s_saved = Save(s_rules);

    private static readonly byte[][] s_numbers = [.. new[] { 0, 1, -1, 3, 250, int.MaxValue, int.MinValue, long.MaxValue, long.MinValue, DateTime.MaxValue.Ticks, DateTime.MaxValue.Ticks + 1 }.Select(Packed)];

    [Fact]
    public void Of_damaged_state_only_the_documented_exception_comes() => Gen.Select(Gen.Int[0, s_saved.Length - 1], Gen.Int[0, 12], Gen.Int[0, s_numbers.Length - 1]).Sample(
        (place, taken, other) => Survives([.. s_saved.AsSpan(0, place), .. s_numbers[other], .. s_saved.AsSpan(Math.Min(place + taken, s_saved.Length))]),
        iter: 10_000);

    [Fact]
    public void Of_state_cut_off_or_with_a_byte_changed_only_the_documented_exception_comes() => Gen.Select(Gen.Int[0, s_saved.Length - 1], Gen.Byte, Gen.Bool).Sample(
        (place, with, cut) =>
        {
            byte[] damaged = cut ? s_saved[..place] : [.. s_saved];
            if (!cut)
            {
                damaged[place] = with;
            }

            Survives(damaged);
        },
        iter: 10_000);

    [Fact]
    public void Windows_of_a_correlation_that_means_something_else_now_are_left_out()
    {
        CompiledRules other = Log.Rules(Rules.Replace("rules: [a, b], group-by: [g]", "rules: [b, a], group-by: [h]", StringComparison.Ordinal));
        StatefulDetector detector = new(other);
        Assert.True(detector.Load(s_saved));
        detector.Complete();
        Assert.DoesNotContain(detector.Take(), told => told.Finding.Rule.Title == "many" && told.Occasion != ToldOccasion.Update);
        Assert.True(detector.Budget.Entries < Loaded().Budget.Entries);
    }

    [Fact]
    public void A_state_of_another_version_is_not_read()
    {
        StatefulDetector detector = new(s_rules);
        Assert.False(detector.Load("""{"version":1}"""u8));
        Assert.False(detector.Load(Packed(1)));
    }

    [Fact]
    public void Rules_that_share_an_id_remember_and_tell_each_for_itself()
    {
        const string Twins = """
            title: one
            id: 0e9a6b1e-59b2-4fc8-a8b0-0d8b8b7c2a11
            vedette: {new_terms: {fields: [g]}}
            logsource: {product: kubernetes, service: audit}
            detection: {sel: {kind: a}, condition: sel}
            ---
            title: two
            id: 0e9a6b1e-59b2-4fc8-a8b0-0d8b8b7c2a11
            vedette: {new_terms: {fields: [g]}}
            logsource: {product: kubernetes, service: audit}
            detection: {sel: {h: 1}, condition: sel}
            """;
        CompiledRules rules = Log.Rules(Twins);
        Assert.Equal(["one", "two"], Log.Run(rules, Log.Event(0, "\"kind\":\"a\",\"g\":\"x\",\"h\":1")).Select(finding => finding.Rule.Title).Order(StringComparer.Ordinal));

        StatefulDetector before = new(rules);
        before.Process(Log.Match(rules, Log.Event(0, "\"kind\":\"a\",\"g\":\"x\"")));
        Assert.Equal("one", Assert.Single(before.Take()).Finding.Rule.Title);
        StatefulDetector after = new(rules);
        Assert.True(after.Load(Save(before)));
        after.Process(Log.Match(rules, Log.Event(1, "\"kind\":\"a\",\"g\":\"x\",\"h\":1")));
        Assert.Equal("two", Assert.Single(after.Take()).Finding.Rule.Title);
    }

    private static void Survives(byte[] damaged)
    {
        StatefulDetector detector = new(s_rules);
        try
        {
            if (!detector.Load(damaged))
            {
                return;
            }
        }
        catch (InvalidDataException)
        {
            return;
        }

        // What still reads must still run.
        detector.Process(Log.Match(s_rules, Log.Event(30, "\"kind\":\"a\",\"g\":\"x\"")));
        detector.Complete();
        Assert.All(detector.Take(), told => Assert.NotNull(told.Finding.Message));
    }

    private static StatefulDetector Loaded()
    {
        StatefulDetector detector = new(s_rules);
        Assert.True(detector.Load(s_saved));
        return detector;
    }

    private static byte[] Save(CompiledRules rules)
    {
        StatefulDetector detector = new(rules);
        ImmutableArray<string> kinds = ["a", "b", "a", "a", "b", "a"];
        for (int i = 0; i < kinds.Length; i++)
        {
            detector.Process(Log.Match(
                rules, Log.Event(i, $"\"kind\":\"{kinds[i]}\",\"g\":\"{(i < 4 ? "x" : "y")}\",\"auditID\":\"{i}\",\"requestReceivedTimestamp\":\"2026-01-01T00:00:00Z\",\"objectRef\":{{\"resource\":\"pods\"}},\"user\":{{\"username\":\"alice\",\"groups\":[\"g\",\"h\"]}}")));
        }

        Assert.NotEmpty(detector.Take());
        return Save(detector);
    }

    private static byte[] Save(StatefulDetector detector)
    {
        ArrayBufferWriter<byte> saved = new();
        detector.Save(saved);
        return saved.WrittenSpan.ToArray();
    }

    private static byte[] Packed(long number)
    {
        ArrayBufferWriter<byte> packed = new();
        new PackedWriter(packed).Number(number);
        return packed.WrittenSpan.ToArray();
    }
}
