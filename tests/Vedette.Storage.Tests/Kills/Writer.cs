using System.Globalization;
using System.Text;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Storage.Events;
using Vedette.Storage.Files;
using Vedette.Storage.Journals;
using Vedette.Storage.Stores;
using Xunit;

namespace Vedette.Storage.Tests.Kills;

/// <summary>Writes events to a store, four deliveries at a time, until it is killed. What is acknowledged it tells afterwards on standard output, a line <c>FROM TO</c> for the events FROM, …, TO − 1.</summary>
internal static class Writer
{
    private static readonly StoreOptions s_options = new()
    {
        Journal = new JournalOptions { SegmentLength = 256 * 1024, CommitWindow = TimeSpan.FromMilliseconds(1), IdentityWindow = 10_000 },
        QuarantineWindow = 100,
        FindingWindow = 100,
    };

    /// <summary>Opens the store.</summary>
    public static Store Open(string directory) => Store.Open(
        LinuxFileSystem.Instance, directory, StoreKey.LoadOrCreate(LinuxFileSystem.Instance, StoreKey.DefaultPath(directory), directory), s_options, TimeProvider.System);

    /// <summary>The bytes of an event.</summary>
    public static byte[] Event(long number) => Encoding.UTF8.GetBytes(
        $$$"""{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"{{{number}}}","stage":"ResponseComplete","requestURI":"/api/v1/pods","verb":"list","user":{"username":"{{{new string('u', (int)(number % 200))}}}"}}""");

    /// <summary>Adds an event to a delivery.</summary>
    public static void Add(EventRecords records, EventDecoder decoder, long number)
    {
        decoder.Decode(Event(number), out EventView view);
        records.Add(view);
    }

    /// <summary>Writes events from a number on.</summary>
    public static async Task<int> RunAsync(string directory, long next)
    {
        await using Store store = Open(directory);
        using Stream output = Console.OpenStandardOutput();
        Lock telling = new();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(SendAsync)));
        return 1;

        async Task SendAsync()
        {
            EventDecoder decoder = new();
            using EventRecords records = store.CreateRecords();
            for (int size = 1; ; size = size * 7 % 31)
            {
                long to = Interlocked.Add(ref next, size);
                records.Begin("test", "writer", TimeProvider.System.GetUtcNow());
                for (long number = to - size; number < to; number++)
                {
                    Add(records, decoder, number);
                }

                AppendResult result = await store.AppendAsync(records, CancellationToken.None);
                Assert.True(result.IsDurable, result.Problem?.Message);
                lock (telling)
                {
                    output.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{to - size} {to}\n")));
                }
            }
        }
    }
}
