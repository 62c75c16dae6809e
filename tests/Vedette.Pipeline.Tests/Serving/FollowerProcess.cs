using Vedette.Pipeline.Serving;
using Vedette.Sources.Settings;
using Vedette.Storage.Files;
using Vedette.Storage.Journals;
using Vedette.Storage.Stores;

namespace Vedette.Pipeline.Tests.Serving;

/// <summary>Follows a log into a store until it is killed.</summary>
internal static class FollowerProcess
{
    /// <summary>Opens the store.</summary>
    public static Store Open(string directory) => Store.Open(
        LinuxFileSystem.Instance,
        directory,
        StoreKey.LoadOrCreate(LinuxFileSystem.Instance, StoreKey.DefaultPath(directory), directory),
        new StoreOptions { Journal = new JournalOptions { SegmentLength = 1024 * 1024, CommitWindow = TimeSpan.FromMilliseconds(1) } },
        TimeProvider.System);

    /// <summary>What takes the log in.</summary>
    public static TailIntake Follow(Store store, string log) =>
        new(new Intake(store, TimeProvider.System), store.Snapshots, new SourcesSettings([new FileSource("apiserver", "prod", [log], TailStart.Start, TimeSpan.FromMilliseconds(10))], null), () => Stream.Null, TimeProvider.System);

    /// <summary>Is the process that is killed; says a line when it has stored something.</summary>
    public static async Task<int> RunAsync(string data, string log)
    {
        await using Store store = Open(data);
        await using TailIntake intake = Follow(store, log);
        long end = store.Events.End;
        Task running = intake.RunAsync(CancellationToken.None);
        await store.Events.WaitAsync(end, CancellationToken.None);
        Console.WriteLine("stored");
        await running;
        return 1;
    }
}
