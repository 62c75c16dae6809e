using System.Text;
using Vedette.Audit.Events;
using Vedette.Audit.Redaction;
using Vedette.Audit.Shapes;
using Vedette.Storage.Journals;

namespace Vedette.Storage.Events;

/// <summary>
/// What one delivery of a source brought: events, redacted as they are added, and what was no event. <see cref="Stores.Store.AppendAsync(EventRecords, CancellationToken)"/> makes it durable; then it can be used for the next. Its
/// memory is pooled; dispose it. Not thread-safe.
/// </summary>
public sealed class EventRecords : IDisposable
{
    /// <summary>Most bytes kept of what was no event.</summary>
    public const int MaxQuarantinedLength = 64 * 1024;

    private readonly Redactor _redactor;
    private readonly EventIdentity _identity;
    private readonly byte[] _label = new byte[EventLabel.MaxLength];
    private int _labelLength;
    private string _cluster = "";
    private byte[] _clusterUtf8 = [];
    private string _source = "";
    private DateTimeOffset _arrival;
    private int _identified;

    /// <summary>An empty delivery; <see cref="Begin"/> says of whom.</summary>
    internal EventRecords(Redactor redactor, EventIdentity identity)
    {
        _redactor = redactor;
        _identity = identity;
        Begin("", "", default);
    }

    /// <summary>Events.</summary>
    public RecordBatch Events { get; } = new();

    /// <summary>What was no event.</summary>
    public RecordBatch Quarantined { get; } = new(256);

    /// <summary>Forgets what was added; what is added from now on comes from this source.</summary>
    /// <param name="cluster">The cluster that its credentials are bound to.</param>
    /// <param name="source">Its name.</param>
    /// <param name="arrival">When the delivery came, by our clock.</param>
    /// <exception cref="ArgumentException">A name is longer than <see cref="EventLabel.MaxNameLength"/>.</exception>
    public void Begin(string cluster, string source, DateTimeOffset arrival)
    {
        Forget();
        _clusterUtf8 = _cluster == cluster ? _clusterUtf8 : Encoding.UTF8.GetBytes(cluster);
        (_cluster, _source, _arrival) = (cluster, source, arrival);
        _labelLength = new EventLabel(cluster, source, arrival, IsRedacted: false, IsDerived: false, Redactor.Version).Write(_label);
    }

    /// <summary>Says how many bytes of input will be added: with their labels events take about as much, if nothing is unwrapped.</summary>
    public void Expect(int length) => Events.Expect(Math.Max(RecordBatch.DefaultCapacity, length + length / 8L));

    /// <summary>Adds an event.</summary>
    /// <param name="view">The event, all its fields located.</param>
    /// <param name="isDerived">Was it built from a provider's record?</param>
    public void Add(in EventView view, bool isDerived = false)
    {
        Events.Begin(_label.AsSpan(0, _labelLength));
        bool isRedacted = _redactor.Redact(view, Events);
        EventLabel.Mark(Events.Label, isRedacted, isDerived);
        Events.End(default);
        _identity.Add(_clusterUtf8, view.Json);
    }

    /// <summary>Gives the events added since the last call their identities. Before they are stored.</summary>
    internal void Identify()
    {
        ReadOnlySpan<byte> identities = _identity.Take();
        for (int i = 0; _identified < Events.Count; i++, _identified++)
        {
            Events.Identify(_identified, EventIdentity.Read(identities, i));
        }
    }

    /// <summary>Adds input that is no event. Its secrets are masked as well as can be in what cannot be parsed, and only its beginning is kept.</summary>
    /// <param name="reason">Why it is none.</param>
    /// <param name="content">The input.</param>
    public void Quarantine(RejectReason reason, ReadOnlySpan<byte> content)
    {
        byte[] label = new QuarantineLabel(_cluster, _source, _arrival, reason.Name(), content.Length).ToBytes();
        ReadOnlySpan<byte> beginning = content[..Math.Min(content.Length, MaxQuarantinedLength)];
        Quarantined.Add(_identity.Of(_clusterUtf8, content), label, Encoding.UTF8.GetBytes(SecretMask.Apply(beginning)));
    }

    /// <summary>Forgets what was added and gives its memory back; it can be used for the next delivery all the same.</summary>
    public void Release()
    {
        Forget();
        Events.Release();
        Quarantined.Release();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Events.Dispose();
        Quarantined.Dispose();
        _identity.Dispose();
    }

    private void Forget()
    {
        Events.Clear();
        Quarantined.Clear();
        _identity.Clear();
        _identified = 0;
    }
}
