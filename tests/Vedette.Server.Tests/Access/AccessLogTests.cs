using System.Text;
using System.Text.Json;
using Vedette.Server.Access;
using Vedette.Storage.Files;
using Vedette.Storage.Tests.Disks;
using Xunit;

namespace Vedette.Server.Tests.Access;

public class AccessLogTests
{
    private const string Directory = "/data/access";
    private const string Current = Directory + "/access.jsonl";

    private readonly SimulatedDisk _disk = new(1);

    [Fact]
    public async Task A_line_that_was_cut_short_takes_no_other_with_it()
    {
        await WriteAsync("alice", "bob");
        byte[] whole = _disk[Current];
        for (int cut = 0; cut <= whole.Length; cut++)
        {
            _disk[Current] = whole[..cut];
            int complete = whole.AsSpan(0, cut).Count((byte)'\n');
            await WriteAsync("carol");
            string[] lines = Encoding.UTF8.GetString(_disk[Current]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal("carol", Who(lines[^1]));
            Assert.Equal(new[] { "alice", "bob" }.Take(complete), lines.Take(complete).Select(Who));
        }
    }

    [Fact]
    public async Task What_a_full_disk_does_not_take_is_counted_and_what_comes_later_is_written()
    {
        await using (AccessLog log = new(_disk, Directory))
        {
            _disk.Fail = (_, name) => name is "write" ? new IOException("no space left on device", 28) : null;
            log.Add(Entry("alice"));
            using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
            while (log.Dropped == 0)
            {
                await Task.Delay(1, limit.Token);
            }

            _disk.Fail = null;
            log.Add(Entry("bob"));
        }

        Assert.Equal("bob", Who(Encoding.UTF8.GetString(_disk[Current]).Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]));
    }

    [Fact]
    public async Task A_file_that_is_long_enough_is_kept_under_another_name()
    {
        using (IFile file = _disk.Create(Current, AccessLog.MaxFileLength))
        {
            file.Write("x"u8, 0);
        }

        await WriteAsync("alice");
        Assert.Equal([Current, Current + ".1"], _disk.Paths.Order(StringComparer.Ordinal));
        Assert.Equal("alice", Who(Encoding.UTF8.GetString(_disk[Current]).TrimEnd('\n')));
    }

    private async Task WriteAsync(params string[] who)
    {
        await using AccessLog log = new(_disk, Directory);
        foreach (string name in who)
        {
            log.Add(Entry(name));
        }
    }

    private static AccessEntry Entry(string who) => new(new DateTimeOffset(2026, 11, 26, 4, 0, 0, TimeSpan.Zero), who, "203.0.113.9", "GET", "/metrics", 200, null);

    private static string? Who(string line)
    {
        using JsonDocument entry = JsonDocument.Parse(line);
        return entry.RootElement.GetProperty("who").GetString();
    }
}
