using System.Buffers;
using Vedette.Detection.Correlations;
using Vedette.Detection.Findings;
using Vedette.Detection.FirstSeen;
using Vedette.Detection.Packing;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Stateful;

/// <summary>
/// Writes the parts of a detector's state; <see cref="StateReader"/> reads them. Evidence is written as it is in memory. A rule goes by its id; that, and evidence that several windows share, is written where it
/// is first needed, and after that only the place it has among them.
/// </summary>
internal sealed class StateWriter(IBufferWriter<byte> to, StatefulPlan plan)
{
    /// <summary>Version of the format. A state of another version is not read.</summary>
    public const int Version = 2;

    private readonly PackedWriter _writer = new(to);
    private readonly Dictionary<string, int> _rules = new(StringComparer.Ordinal);
    private readonly Dictionary<Evidence, int> _evidence = [];
    private readonly Dictionary<OpenFinding, int> _open = [];

    /// <summary>The findings that are open; windows refer to them by their place.</summary>
    public void WriteOpen(IReadOnlyCollection<OpenFinding> open)
    {
        _writer.Number(open.Count);
        foreach (OpenFinding item in open)
        {
            _open.Add(item, _open.Count);
            _writer.Number(item.Until);
            _writer.Flag(item.HasChanged);
            _writer.Flag(item.Suppresses is not null);
            if (item.Suppresses is { } suppresses)
            {
                WriteRule(plan.Planned[suppresses.Place].Rule);
                _writer.Text(suppresses.Key);
            }

            _writer.Number(item.Requests.Count);
            foreach (UInt128 request in item.Requests)
            {
                _writer.Identity(request);
            }

            Write(item.Finding);
        }
    }

    /// <summary>The terms and peers of a rule.</summary>
    public void Write(int place, TermMemory terms)
    {
        WriteRule(plan.Planned[place].Rule);
        Write(terms.Terms);
        Write(terms.Peers);
    }

    /// <summary>The windows of a correlation.</summary>
    public void Write(CorrelationState state)
    {
        WriteRule(state.Correlation.Rule.Attributes);
        _writer.Text(state.Correlation.Shape);
        Write(state.Unfinished);
        _writer.Number(state.Groups.Count);
        foreach (GroupWindow group in state.Groups)
        {
            _writer.Texts(group.Values);
            _writer.Number(group.LastUsed);
            _writer.Number(group.Due);
            _writer.Number(group.QuietUntil);
            _writer.Number(group.Open is { } open && _open.TryGetValue(open, out int place) ? place : -1);
            _writer.Number(group.Starts?.Count ?? 0);
            foreach (long start in group.Starts ?? [])
            {
                _writer.Number(start);
            }

            _writer.Number(group.Entries.Count);
            foreach (WindowEntry entry in group.Entries)
            {
                Write(entry);
            }
        }
    }

    /// <summary>What was seen, longest unseen first.</summary>
    private void Write(RecentSet set)
    {
        _writer.Number(set.Count());
        foreach (RecentMember member in set.Members)
        {
            _writer.Text(member.Set);
            _writer.Text(member.Member);
            _writer.Number(member.At);
        }
    }

    private void Write(WindowEntry entry)
    {
        _writer.Number(entry.Input);
        _writer.Texts(entry.Values);
        WriteRule(plan.Planned[entry.Place].Rule);
        _writer.Number(entry.At);
        _writer.Identity(entry.Request);
        _writer.Flag(entry.IsLate);
        if (IsNew(entry.Evidence, _evidence))
        {
            _writer.Bytes(entry.Evidence.Packed);
        }
    }

    private void Write(Finding finding)
    {
        _writer.Bytes(Evidence.Of(finding, []).Packed);
        _writer.Text(finding.Id);
        WriteRule(finding.Rule);
        _writer.Flag(finding.IsLate);
        _writer.Text(finding.Message);
        _writer.Flag(finding.Window is not null);
        if (finding.Window is { } window)
        {
            _writer.Number(window.From.UtcTicks);
            _writer.Number(window.To.UtcTicks);
        }

        _writer.Number(finding.Group.Length);
        foreach (GroupValue member in finding.Group)
        {
            _writer.Text(member.Field);
            _writer.Text(member.Value);
        }

        _writer.Number(finding.Contributing.Length);
        foreach (DetectionRule rule in finding.Contributing)
        {
            WriteRule(rule);
        }
    }

    private void WriteRule(DetectionRule rule)
    {
        if (IsNew(rule.Id, _rules))
        {
            _writer.Text(rule.Id);
        }
    }

    /// <summary>Writes the place of something among its kind; it stands behind that when it is new.</summary>
    private bool IsNew<T>(T item, Dictionary<T, int> known)
        where T : notnull
    {
        bool isNew = known.TryAdd(item, known.Count);
        _writer.Number(known[item]);
        return isNew;
    }
}
