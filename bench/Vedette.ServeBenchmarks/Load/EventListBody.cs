using System.Buffers.Text;
using System.Text;

namespace Vedette.ServeBenchmarks.Load;

/// <summary>
/// A body as kube-apiserver's webhook backend posts it: an EventList on one line. It is sent many times, each time with other audit ids, with times of now, and with another name of the pod that its last event runs a
/// command in: nothing of it is a duplicate, and that event's finding can be recognised.
/// </summary>
internal sealed class EventListBody
{
    /// <summary>What the name of that pod begins with; the number of the delivery follows, in eight digits.</summary>
    public const string MarkerName = "bench-";

    private const int TimeLength = 27;
    private const string Head = """{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[""";
    private const string OwnKind = "\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",";

    // Twice in the event: in its URI and in its objectRef.
    private const string Marker =
        """{"level":"Metadata","auditID":"00000000-0000-4000-8000-000000000000","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/notifications-prod/pods/bench-00000000/exec?command=id\u0026container=app\u0026stdout=true","verb":"get","user":{"username":"oidc:david.novak@example.com","uid":"4eb53c60-1a26-4449-b58b-099bc3b80f52","groups":["oidc:developers","system:authenticated"]},"sourceIPs":["192.168.128.11"],"userAgent":"kubectl/v1.34.1 (linux/amd64) kubernetes/93248f9","objectRef":{"resource":"pods","namespace":"notifications-prod","name":"bench-00000000","apiVersion":"v1","subresource":"exec"},"responseStatus":{"metadata":{},"code":101},"requestReceivedTimestamp":"2026-01-01T00:00:00.937267Z","stageTimestamp":"2026-01-01T00:00:00.937805Z","annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":""}}""";

    private readonly byte[] _bytes;
    private readonly Place[] _places;
    private readonly int[] _markers;

    /// <summary>A body with these events, and the one that is recognised.</summary>
    /// <param name="lines">Events as a log has them.</param>
    public EventListBody(IReadOnlyList<string> lines)
    {
        StringBuilder text = new(Head);
        foreach (string line in lines)
        {
            text.Append(line.Replace(OwnKind, "", StringComparison.Ordinal)).Append(',');
        }

        _bytes = Encoding.UTF8.GetBytes(text.Append(Marker).Append("]}\n").ToString());
        Events = lines.Count + 1;
        _places = new Place[Events];
        ReadOnlySpan<byte> rest = _bytes;
        for (int i = 0; i < Events; i++)
        {
            // An event of kube-apiserver begins with its level and ends with its times and annotations; a body inside cannot have an unescaped one of these before its own.
            int id = Find(rest, "\"auditID\":\""u8);
            int next = i + 1 < Events ? rest[id..].IndexOf("},{\"level\":\""u8) + id : rest.Length;
            int offset = _bytes.Length - rest.Length;
            ReadOnlySpan<byte> one = rest[..next];
            _places[i] = new Place(offset + id, offset + FindLast(one, "\"requestReceivedTimestamp\":\""u8), offset + FindLast(one, "\"stageTimestamp\":\""u8));
            rest = rest[next..];
        }

        int last = _places[^1].Id;
        int uri = last + Find(_bytes.AsSpan(last), "bench-"u8);
        _markers = [uri, uri + Find(_bytes.AsSpan(uri), "bench-"u8)];
    }

    /// <summary>Number of events.</summary>
    public int Events { get; }

    /// <summary>The body.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>Makes another delivery of it.</summary>
    /// <param name="number">Number of the delivery.</param>
    /// <param name="now">The time.</param>
    public void Renew(int number, DateTimeOffset now)
    {
        Span<byte> digits = stackalloc byte[8];
        Utf8Formatter.TryFormat((uint)number, digits, out _, new System.Buffers.StandardFormat('x', 8));
        Span<byte> time = stackalloc byte[TimeLength];
        long ticks = now.UtcTicks - _places.Length * 10L;
        long second = 0;
        foreach (Place place in _places)
        {
            digits.CopyTo(_bytes.AsSpan(place.Id));
            ticks += TimeSpan.TicksPerMicrosecond;
            if (ticks / TimeSpan.TicksPerSecond != second)
            {
                second = ticks / TimeSpan.TicksPerSecond;
                new DateTime(ticks, DateTimeKind.Utc).TryFormat(time, out _, "yyyy-MM-ddTHH:mm:ss.ffffffZ", System.Globalization.CultureInfo.InvariantCulture);
            }

            WriteDigits(time[20..26], (int)(ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond));
            time.CopyTo(_bytes.AsSpan(place.Received));
            time.CopyTo(_bytes.AsSpan(place.Stage));
        }

        foreach (int marker in _markers)
        {
            WriteDigits(_bytes.AsSpan(marker, 8), number);
        }
    }

    /// <summary>The numbers of the deliveries whose recognised events are named in a text.</summary>
    /// <param name="text">Alerts.</param>
    /// <param name="found">Takes each.</param>
    public static void FindMarkers(ReadOnlySpan<byte> text, Action<int> found)
    {
        ReadOnlySpan<byte> name = "\"name\":\"bench-"u8;
        for (int at = text.IndexOf(name); at >= 0; at = text.IndexOf(name))
        {
            text = text[(at + name.Length)..];
            if (text.Length >= 8 && Utf8Parser.TryParse(text[..8], out int number, out int length) && length == 8)
            {
                found(number);
            }
        }
    }

    private static int Find(ReadOnlySpan<byte> text, ReadOnlySpan<byte> what) => Checked(text.IndexOf(what)) + what.Length;

    private static int FindLast(ReadOnlySpan<byte> text, ReadOnlySpan<byte> what) => Checked(text.LastIndexOf(what)) + what.Length;

    private static int Checked(int at) => at >= 0 ? at : throw new InvalidDataException("an event is not as kube-apiserver writes it");

    private static void WriteDigits(Span<byte> into, int number)
    {
        for (int i = into.Length - 1; i >= 0; i--, number /= 10)
        {
            into[i] = (byte)('0' + number % 10);
        }
    }

    private readonly record struct Place(int Id, int Received, int Stage);
}
