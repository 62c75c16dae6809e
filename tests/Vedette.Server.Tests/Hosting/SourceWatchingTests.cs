using Vedette.Detection.Stateful;
using Vedette.Pipeline.Watching;
using Vedette.Server.Hosting;
using Vedette.Server.Logging;
using Vedette.Server.Settings;
using Vedette.Storage.Files;
using Vedette.Storage.Stores;
using Xunit;

namespace Vedette.Server.Tests.Hosting;

public sealed class SourceWatchingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vedette-watching").FullName;
    private readonly Clock _clock = new();
    private readonly ServerMetrics _metrics = new("1.2.3", TimeProvider.System);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_source_that_was_learned_before_a_restart_is_missed_after_it()
    {
        await using (Store store = Open())
        {
            await using SourceWatching before = Watch(store, new WatchSettings());
            for (int i = 0; i < 100; i++)
            {
                before.Heard("prod", "webhook");
                _clock.Pass(TimeSpan.FromMinutes(1));
                Assert.Empty(before.TakeFindings(_clock.GetUtcNow()));
            }
        }

        await using Store again = Open();
        await using SourceWatching after = Watch(again, new WatchSettings());
        _clock.Pass(TimeSpan.FromMinutes(9));
        Assert.Empty(after.TakeFindings(_clock.GetUtcNow()));
        _clock.Pass(TimeSpan.FromMinutes(3));
        ToldFinding told = Assert.Single(after.TakeFindings(_clock.GetUtcNow()));
        Assert.Same(WatchRules.Silent, told.Finding.Rule);
        after.Heard("prod", "webhook");
        Assert.Equal(ToldOccasion.Update, Assert.Single(after.TakeFindings(_clock.GetUtcNow())).Occasion);
    }

    [Fact]
    public async Task A_clock_that_is_set_by_hours_is_no_silence_and_hides_none()
    {
        await using Store store = Open();
        await using SourceWatching watching = Watch(store, new WatchSettings());
        foreach (TimeSpan set in new[] { TimeSpan.Zero, TimeSpan.FromHours(7), TimeSpan.FromHours(-14), TimeSpan.FromHours(7) })
        {
            for (int i = 0; i < 100; i++)
            {
                watching.Heard("prod", "webhook");
                _clock.Pass(TimeSpan.FromMinutes(1));
                Assert.Empty(watching.TakeFindings(_clock.GetUtcNow()));
            }

            _clock.Set(set);
            _clock.Pass(TimeSpan.FromMinutes(1));
            Assert.Empty(watching.TakeFindings(_clock.GetUtcNow()));
        }

        _clock.Set(TimeSpan.FromHours(-7));
        for (int i = 0; i < 11; i++)
        {
            _clock.Pass(TimeSpan.FromMinutes(1));
            Assert.Empty(watching.TakeFindings(_clock.GetUtcNow()));
        }

        _clock.Pass(TimeSpan.FromMinutes(1));
        Assert.Same(WatchRules.Silent, Assert.Single(watching.TakeFindings(_clock.GetUtcNow())).Finding.Rule);
    }

    [Fact]
    public async Task What_was_kept_and_is_damaged_is_told_and_learned_anew()
    {
        await using Store store = Open();
        store.Snapshots.Save("watch", 0, "{}"u8);
        using MemoryStream lines = new();
        using JsonLog log = new(lines, _clock);
        await using SourceWatching watching = new(store, new WatchSettings(), _metrics, log, _clock);
        Assert.Contains("learned anew", System.Text.Encoding.ASCII.GetString(lines.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_settings_are_heeded_at_once()
    {
        await using Store store = Open();
        await using SourceWatching watching = Watch(store, new WatchSettings());
        watching.Heard("prod", "webhook");
        watching.Replace(new WatchSettings { Expect = [new Expectation("prod", null, TimeSpan.FromMinutes(2))] });
        _clock.Pass(TimeSpan.FromMinutes(3));
        Assert.Contains("something should come at least every 2 min", Assert.Single(watching.TakeFindings(_clock.GetUtcNow())).Finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_settings_file_has_a_section_for_it()
    {
        string file = Path.Combine(_folder, "vedette.yaml");
        File.WriteAllText(file, "watch: {expect: [{every: 5m}], apiservers: [{cluster: prod, url: 'https://10.0.0.1:6443/metrics'}]}\n");
        ServerSettings settings = SettingsFile.Read(file, _ => null, out Documents.Settings.SettingsContext context);
        Assert.Empty(context.Diagnostics);
        Assert.Equal(TimeSpan.FromMinutes(5), Assert.Single(settings.Watch.Expect).Every);
        Assert.Equal("10.0.0.1:6443", Assert.Single(settings.Watch.ApiServers).Name);
    }

    private SourceWatching Watch(Store store, WatchSettings settings) => new(store, settings, _metrics, new JsonLog(Stream.Null, _clock), _clock);

    private Store Open()
    {
        string data = Path.Combine(_folder, "data");
        return Store.Open(LinuxFileSystem.Instance, data, StoreKey.LoadOrCreate(LinuxFileSystem.Instance, StoreKey.DefaultPath(data), data), new StoreOptions(), _clock);
    }

    private sealed class Clock : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 11, 25, 10, 0, 0, TimeSpan.Zero);
        private long _passed;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => _now;

        public override long GetTimestamp() => _passed;

        public void Set(TimeSpan by) => _now += by;

        public void Pass(TimeSpan time)
        {
            _now += time;
            _passed += time.Ticks;
        }
    }
}
