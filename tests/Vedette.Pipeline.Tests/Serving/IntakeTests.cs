using System.Globalization;
using System.Text;
using Vedette.Audit.Batches;
using Vedette.Audit.Shapes;
using Vedette.Pipeline.Serving;
using Vedette.Storage.Events;
using Vedette.Storage.Files;
using Vedette.Storage.Journals;
using Vedette.Storage.Stores;
using Xunit;

namespace Vedette.Pipeline.Tests.Serving;

/// <summary>Whoever reads which half of a delivery, what is stored and told of it is the same.</summary>
public sealed class IntakeTests : IAsyncDisposable
{
    private const string Head = """{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[""";

    private readonly string _directory = Directory.CreateTempSubdirectory("vedette-intake-").FullName;
    private readonly Store _store;
    private readonly EventRecords _first;
    private readonly EventRecords _second;

    public IntakeTests()
    {
        LinuxFileSystem files = LinuxFileSystem.Instance;
        string data = Path.Combine(_directory, "data");
        _store = Store.Open(files, data, StoreKey.LoadOrCreate(files, Path.Combine(_directory, "key"), data), new StoreOptions(), TimeProvider.System);
        _first = Begun();
        _second = Begun();
    }

    public async ValueTask DisposeAsync()
    {
        _first.Dispose();
        _second.Dispose();
        await _store.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData(2_000, 4L)]
    [InlineData(900, 2L)]
    public async Task A_large_delivery_is_stored_in_order_each_event_once_and_counted_whole(int othersUntil, long others)
    {
        // With something else among the events of its second half, and without.
        const int Events = 2_000;
        using Intake intake = new(_store, TimeProvider.System);
        using EventBatch delivery = List([.. Enumerable.Range(0, Events).Select(number => number % 500 == 3 && number < othersUntil ? "1," + Event(number) : Event(number))]);
        Assert.InRange(delivery.InputLength, Intake.MinDividedLength, Intake.MaxDividedLength);
        for (int time = 0; time < 3; time++)
        {
            IntakeResult taken = await intake.TakeAsync("prod", "webhook", delivery, TestContext.Current.CancellationToken);
            Assert.Equal((Events, time == 0 ? 0 : Events, others, null), (taken.Events, taken.Duplicates, taken.Rejects, taken.Problem));
            Assert.Equal(Time(Events - 1), taken.LastEvent);
        }

        Assert.Equal(Environment.ProcessorCount > 1 ? 3 : 0, intake.Divided);
        using JournalReader reader = _store.Events.Read(0);
        for (int number = 0; number < Events; number++)
        {
            Assert.True(reader.TryRead(out JournalRecord record));
            Assert.Contains($"\"auditID\":\"{number}\"", Encoding.UTF8.GetString(record.Bytes), StringComparison.Ordinal);
            Assert.DoesNotContain("cGFzc3dvcmQ", Encoding.UTF8.GetString(record.Bytes), StringComparison.Ordinal);
        }

        Assert.False(reader.TryRead(out _));
        Assert.Equal(1, _store.Quarantine.End);
    }

    [Fact]
    public async Task A_half_that_another_has_read_is_passed()
    {
        using EventBatch delivery = List(Event(0), Event(1), Event(2), Event(3));
        (DeliveryReading first, SecondHalf second) = Divided(delivery);
        second.Read();
        Assert.True(await second.JoinAsync(first));
        Assert.False(first.Fill());
        Assert.Equal((4, 0L, Time(3)), (first.Events, first.Rejects.Total, first.LastEvent));
        Assert.Equal(4, _first.Events.Count + _second.Events.Count);
        Assert.NotEqual(0, _second.Events.Count);
        await second.EndAsync();
    }

    [Fact]
    public async Task A_half_that_nobody_has_begun_is_read_by_who_has_read_the_first()
    {
        using EventBatch delivery = List(Event(0), Event(1), Event(2), Event(3));
        (DeliveryReading first, SecondHalf second) = Divided(delivery);
        Assert.False(await second.JoinAsync(first));
        second.Read();
        await second.EndAsync();
        Assert.False(first.Fill());
        Assert.Equal((4, 0), (_first.Events.Count, _second.Events.Count));
    }

    [Fact]
    public async Task What_was_taken_for_a_half_and_is_none_is_read_as_what_it_is()
    {
        // Half of it is one event, in whose body are things that begin as events do.
        string body = string.Join(',', Enumerable.Range(0, 100).Select(_ => """{"level":"a"}"""));
        using EventBatch delivery = List(Event(0), Event(1, $$"""[{{body}}]"""), Event(2));
        (DeliveryReading first, SecondHalf second) = Divided(delivery);
        second.Read();
        Assert.False(await second.JoinAsync(first));
        Assert.False(first.Fill());
        Assert.Equal((3, 0L), (first.Events, first.Rejects.Total));
        Assert.Equal(3, _first.Events.Count);
    }

    [Fact]
    public async Task What_stops_where_a_half_begins_that_is_not_whole_is_read_on_by_who_has_read_the_first()
    {
        using EventBatch delivery = List(Event(0), Event(1), Event(2), "{}", Event(3));
        (DeliveryReading first, SecondHalf second) = Divided(delivery);
        Assert.True(first.IsAt(second.Half));
        second.Read();
        Assert.False(await second.JoinAsync(first));
        Assert.False(first.Fill());
        Assert.Equal((4, 1L, Time(3)), (first.Events, first.Rejects.Total, first.LastEvent));
        Assert.Equal((4, 0), (_first.Events.Count, _second.Events.Count));
    }

    [Fact]
    public async Task What_stops_in_a_list_that_ends_elsewhere_is_read_on_by_who_has_read_the_first()
    {
        // The first of two lists is the longer one: the middle is in it, the end is that of the second.
        string list = Head + string.Join(',', Enumerable.Range(0, 8).Select(number => Event(number))) + "]}\n" + Head + Event(8) + "]}";
        using EventBatch delivery = Batch(list);
        (DeliveryReading first, SecondHalf second) = Divided(delivery);
        Assert.True(second.Half.Start < list.IndexOf('\n', StringComparison.Ordinal));
        Assert.InRange(first.Events, 1, 7);
        second.Read();
        Assert.False(await second.JoinAsync(first));
        Assert.False(first.Fill());
        Assert.Equal((9, 0L, Time(8)), (first.Events, first.Rejects.Total, first.LastEvent));
        Assert.Equal((9, 0), (_first.Events.Count, _second.Events.Count));
    }

    [Fact]
    public async Task A_half_in_which_something_fails_is_read_by_who_has_read_the_first()
    {
        using EventBatch delivery = List(Event(0), Event(1), Event(2), Event(3));

        // Without its cipher nothing is identified.
        _second.Dispose();
        (DeliveryReading first, SecondHalf second) = Divided(delivery);
        second.Read();
        Assert.NotEqual(0, _second.Events.Count);
        Assert.False(await second.JoinAsync(first));
        Assert.False(first.Fill());
        Assert.Equal((4, 0L, Time(3)), (first.Events, first.Rejects.Total, first.LastEvent));
        Assert.Equal((4, 0), (_first.Events.Count, _second.Events.Count));
        await second.EndAsync();
    }

    [Fact]
    public void What_nobody_wants_any_more_is_read_no_further()
    {
        using EventBatch delivery = Batch(Head + string.Join(',', Enumerable.Range(0, 4).Select(number => Event(number))) + "]}");
        DeliveryReading reading = DeliveryReading.Of("webhook", delivery, _first);
        bool isVoid = true;
        Assert.True(reading.Fill(in isVoid));
        Assert.Equal((0, 0), (reading.Events, _first.Events.Count));
        isVoid = false;
        Assert.False(reading.Fill(in isVoid));
    }

    [Fact]
    public async Task Once_a_half_was_stopped_nothing_of_it_goes_on()
    {
        // Stopped before it has begun, at any point of it, and when it is done: which of them it is differs from time to time, and what holds then does not.
        using EventBatch delivery = List([.. Enumerable.Range(0, 400).Select(number => Event(number))]);
        Assert.True(EventListHalf.TryGuess(delivery.Input, out EventListHalf half));
        for (int time = 0; time < 50; time++)
        {
            int until = time * 4;
            SecondHalf second = new(_store, "webhook", delivery, half, _second);
            Task reading = Task.Run(second.Read, TestContext.Current.CancellationToken);
            SpinWait.SpinUntil(() => _second.Events.Count >= until || reading.IsCompleted);
            await second.EndAsync();
            int events = _second.Events.Count;
            _second.Release();
            await reading;
            Assert.InRange(events, 0, 400);
            Assert.Equal(0, _second.Events.Count);
            _second.Begin("prod", "webhook", Time(0));
        }
    }

    [Fact]
    public async Task What_is_under_way_when_the_intake_ends_is_stored_all_the_same()
    {
        using EventBatch delivery = List([.. Enumerable.Range(0, 2_000).Select(number => Event(number))]);
        using ManualTurn turn = new();
        using Intake intake = new(_store, turn);
        Task<IntakeResult> taking = Task.Run(() => intake.TakeAsync("prod", "webhook", delivery, TestContext.Current.CancellationToken).AsTask(), TestContext.Current.CancellationToken);
        turn.AwaitAsked();
        intake.Dispose();
        turn.Answer();
        Assert.Equal((2_000, null), ((await taking).Events, (await taking).Problem));
    }

    /// <summary>A clock that answers when it is told to: whoever asks has begun, and does not go on before.</summary>
    private sealed class ManualTurn : TimeProvider, IDisposable
    {
        private readonly ManualResetEventSlim _asked = new();
        private readonly ManualResetEventSlim _answered = new();

        public override DateTimeOffset GetUtcNow()
        {
            _asked.Set();
            _answered.Wait();
            return Time(0);
        }

        public void AwaitAsked() => _asked.Wait(TestContext.Current.CancellationToken);

        public void Answer() => _answered.Set();

        public void Dispose()
        {
            _asked.Dispose();
            _answered.Dispose();
        }
    }

    /// <summary>A delivery whose first half was read; the second waits for who reads it.</summary>
    private (DeliveryReading First, SecondHalf Second) Divided(EventBatch delivery)
    {
        Assert.True(EventListHalf.TryGuess(delivery.Input, out EventListHalf half));
        DeliveryReading first = DeliveryReading.Of("webhook", delivery, _first);
        first.StopAt(half);
        Assert.False(first.Fill());
        return (first, new SecondHalf(_store, "webhook", delivery, half, _second));
    }

    private EventRecords Begun()
    {
        EventRecords records = _store.CreateRecords();
        records.Begin("prod", "webhook", Time(0));
        return records;
    }

    private static EventBatch List(params string[] items) => Batch(Head + string.Join(',', items) + "]}\n");

    private static EventBatch Batch(string text)
    {
        EventBatch batch = new();
        batch.Append(Encoding.UTF8.GetBytes(text));
        return batch;
    }

    private static DateTimeOffset Time(int number) => new DateTimeOffset(2026, 11, 25, 10, 0, 0, TimeSpan.Zero).AddSeconds(number);

    private static string Event(int number, string items = "[]") =>
        $$$"""{"level":"Request","auditID":"{{{number}}}","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/a/secrets/b","verb":"update","user":{"username":"u"},"objectRef":{"resource":"secrets","namespace":"a","name":"b","apiVersion":"v1"},"requestObject":{"kind":"Secret","apiVersion":"v1","metadata":{"name":"{{{new string('b', 300)}}}"},"items":{{{items}}},"data":{"a":"cGFzc3dvcmQ="}},"requestReceivedTimestamp":"{{{Text(number)}}}","stageTimestamp":"{{{Text(number)}}}"}""";

    private static string Text(int number) => Time(number).ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
}
