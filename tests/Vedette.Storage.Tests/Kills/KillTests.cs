using System.Diagnostics;
using System.Globalization;
using System.Text;
using Vedette.Audit.Decoding;
using Vedette.Storage.Events;
using Vedette.Storage.Files;
using Vedette.Storage.Journals;
using Vedette.Storage.Stores;
using Xunit;

namespace Vedette.Storage.Tests.Kills;

public class KillTests(ITestOutputHelper output)
{
    private const int Kills = 100;

    [Fact]
    public async Task What_was_acknowledged_before_a_process_is_killed_is_there_exactly_once()
    {
        Random random = new(8);
        string directory = Directory.CreateTempSubdirectory("vedette-kill-").FullName;
        string data = Path.Combine(directory, "data");
        HashSet<long> acknowledged = [];
        List<long> unsure = [];
        long next = 0;
        for (int kill = 0; kill < Kills; kill++)
        {
            List<(long From, long To)> told = WriteAndKill(data, next, random.Next(1, 40));
            foreach ((long from, long to) in told)
            {
                acknowledged.UnionWith(Numbers(from, to));
            }

            // What was under way is sent again, as a sender that got no answer does: it may or may not be there already.
            long known = told.Select(range => range.To).Append(next).Max();
            unsure.Clear();
            unsure.AddRange(Numbers(next, known + 4 * 31).Where(number => !acknowledged.Contains(number)));
            next = known + 4 * 31;
            await SendAgainAsync(data, unsure);
            acknowledged.UnionWith(unsure);
        }

        Assert.True(acknowledged.Count > 1000, $"only {acknowledged.Count} events were acknowledged");
        AssertExactlyOnce(data, acknowledged);
        output.WriteLine($"survived {Kills} kills; {acknowledged.Count} acknowledged events are there exactly once");
        Directory.Delete(directory, recursive: true);
    }

    private static List<(long From, long To)> WriteAndKill(string data, long first, int lines)
    {
        using Process writer = Process.Start(new ProcessStartInfo(Environment.ProcessPath!)
        {
            ArgumentList = { "write-until-killed", data, first.ToString(CultureInfo.InvariantCulture) },
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        List<(long, long)> told = [];
        while (writer.StandardOutput.ReadLine() is { } line)
        {
            string[] parts = line.Split(' ');
            // The last line may be cut.
            if (parts is [var from, var to] && long.TryParse(from, out long start) && long.TryParse(to, out long end) && end > start)
            {
                told.Add((start, end));
            }

            if (told.Count == lines)
            {
                writer.Kill();
            }
        }

        writer.WaitForExit();
        Assert.NotEmpty(told);
        return told;
    }

    private static async Task SendAgainAsync(string data, List<long> numbers)
    {
        await using Store store = Writer.Open(data);
        using EventRecords records = store.CreateRecords();
        EventDecoder decoder = new();
        records.Begin("test", "writer", TimeProvider.System.GetUtcNow());
        foreach (long number in numbers)
        {
            Writer.Add(records, decoder, number);
        }

        AppendResult result = await store.AppendAsync(records, CancellationToken.None);
        Assert.True(result.IsDurable);
    }

    private static void AssertExactlyOnce(string data, HashSet<long> acknowledged)
    {
        Dictionary<string, long> expected = acknowledged.ToDictionary(number => Encoding.UTF8.GetString(Writer.Event(number)), StringComparer.Ordinal);
        using JournalReader reader = JournalReader.Open(LinuxFileSystem.Instance, new StoreFiles(data).Events, 0, damage => Assert.Fail(damage.ToString()));
        long sequence = 0;
        while (reader.TryRead(out JournalRecord record))
        {
            Assert.Equal(sequence++, record.Sequence);
            string text = Encoding.UTF8.GetString(record.Bytes);
            Assert.True(expected.Remove(text), $"twice, or never sent: {text}");
        }

        Assert.Empty(expected);
    }

    private static IEnumerable<long> Numbers(long from, long to)
    {
        for (long number = from; number < to; number++)
        {
            yield return number;
        }
    }
}
