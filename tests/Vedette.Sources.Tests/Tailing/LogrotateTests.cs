using System.Diagnostics;
using System.Globalization;
using System.Text;
using Vedette.Tests;
using Xunit;

namespace Vedette.Sources.Tests.Tailing;

/// <summary>A log that the real logrotate rotates, in every way it has, while it is read and while nobody reads. The store would know lines that come twice; here none may.</summary>
public sealed class LogrotateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vedette-logrotate-").FullName;

    private int _next;

    private string Live => Path.Combine(_folder, "audit.log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("create 0600")]
    [InlineData("create 0600\ncompress")]
    [InlineData("create 0600\ncompress\ndelaycompress")]
    [InlineData("create 0600\ndateext\ndateformat -%Y%m%d-%s\ncompress\ndelaycompress")]
    [InlineData("create 0600\nstart 7\ncompress")]
    [InlineData("nocreate")]
    [InlineData("copytruncate")]
    [InlineData("copytruncate\ncompress")]
    [InlineData("copytruncate\ncompress\ndelaycompress")]
    public void Every_line_comes_once_and_in_order(string how)
    {
        bool isCopied = how.StartsWith("copytruncate", StringComparison.Ordinal);
        bool isDated = how.Contains("dateformat", StringComparison.Ordinal);
        for (int seed = 0; seed < (isDated ? 1 : 4); seed++)
        {
            string folder = Directory.CreateDirectory(Path.Combine(_folder, $"{seed}")).FullName;
            string live = Path.Combine(folder, "audit.log");
            string settings = Configure(folder, live, how);
            Random random = new(seed);
            using Reading reading = new([live]);
            FileStream writer = Open(live);
            List<string> written = [];
            try
            {
                for (int round = 0; round < (isDated ? 3 : 6); round++)
                {
                    Append(writer, written, random.Next(1, 40));
                    switch (random.Next(3))
                    {
                        case 0:
                            reading.Poll();
                            break;
                        case 1:
                            reading.Stop();
                            break;
                        default:
                            reading.Poll();
                            Append(writer, written, random.Next(1, 10));
                            break;
                    }

                    long second = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
                    Rotate(folder, settings);
                    while (isDated && TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() <= second + 1)
                    {
                        // Names have seconds in them, and logrotate rotates nothing to a name that is there.
                        Thread.Sleep(50);
                    }

                    if (random.Next(2) == 0)
                    {
                        reading.Poll();
                    }

                    if (!isCopied)
                    {
                        // Until it is told to, a program writes into the file that has another name by now. Were it compressed already, logrotate would have lost that for everybody.
                        Append(writer, written, how.Contains("compress", StringComparison.Ordinal) && !how.Contains("delaycompress", StringComparison.Ordinal) ? 0 : random.Next(0, 10));
                        writer.Dispose();
                        writer = Open(live);
                    }

                    if (random.Next(2) == 0)
                    {
                        reading.Poll();
                    }
                }

                Append(writer, written, 3);
                reading.Settle();
            }
            finally
            {
                writer.Dispose();
            }

            Assert.Equal(written, reading.Lines);
            Assert.Equal(0, reading.Status.Gaps);
        }
    }

    /// <summary>With a writer that appends, and with one that goes on at its own offset, as kube-apiserver does: it leaves a hole as long as all that was written before.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_a_file_that_is_copied_and_truncated_while_it_is_written_nothing_else_is_lost_than_what_came_in_between(bool appends)
    {
        string settings = Configure(_folder, Live, "copytruncate");
        using Reading reading = new([Live]);
        using CancellationTokenSource enough = new();
        using Process? cat = appends ? Process.Start(new ProcessStartInfo("sh", ["-c", $"exec cat >> '{Live}'"]) { UseShellExecute = false, RedirectStandardInput = true }) : null;
        using Stream writer = cat?.StandardInput.BaseStream ?? Open(Live);
        int written = 0;
        Task writing = Task.Run(
            () =>
            {
                while (!enough.IsCancellationRequested)
                {
                    writer.Write(Encoding.ASCII.GetBytes($"{written:D8}\n"));
                    writer.Flush();
                    if (Interlocked.Increment(ref written) % 20 == 0)
                    {
                        Thread.Yield();
                    }
                }
            },
            CancellationToken.None);
        const int Rotations = 6;
        for (int rotation = 0; rotation < Rotations; rotation++)
        {
            int from = Volatile.Read(ref written);
            // What cat was given may not be in the file yet: the first truncation must not take all there was.
            while (Volatile.Read(ref written) < from + 500 || reading.Lines.Count == 0)
            {
                reading.Poll();
                await Task.Yield();
            }

            Rotate(_folder, settings);
        }

        await enough.CancelAsync();
        await writing;
        writer.Dispose();
        await (cat?.WaitForExitAsync(TestContext.Current.CancellationToken) ?? Task.CompletedTask);
        reading.Settle();

        // A copy may end in the middle of a line.
        int[] got = [.. reading.Lines.Where(line => line.Length == 8 && line.All(char.IsAsciiDigit)).Select(line => int.Parse(line, CultureInfo.InvariantCulture))];
        int torn = reading.Lines.Count - got.Length;
        int[] ordered = [.. got.Order()];
        int places = ordered.Zip(ordered.Skip(1), (one, next) => next - one > 1 ? 1 : 0).Sum();
        TestContext.Current.TestOutputHelper!.WriteLine($"{written} lines written, {written - got.Length} lost by copytruncate in {places} places, {torn} torn, {reading.Status.Gaps} gaps told");
        Assert.Equal(got.Distinct().Count(), got.Length);
        Assert.Equal((0, written - 1), (ordered[0], ordered[^1]));

        // What is lost is in no file.
        HashSet<int> known = [.. got];
        Assert.All(
            Directory.EnumerateFiles(_folder, "audit.log*").SelectMany(file => File.ReadAllText(file).Split('\n', '\0')).Where(line => line.Length == 8),
            line => Assert.Contains(int.Parse(line, CultureInfo.InvariantCulture), known));

        // Whether anything was written between copy and truncation is chance; more than one run of lines for each truncation cannot be.
        Assert.InRange(places, 0, Rotations);
        Assert.InRange(torn, 0, 2 * Rotations);
    }

    private static string Configure(string folder, string live, string how)
    {
        string settings = Path.Combine(folder, "logrotate.conf");
        File.WriteAllText(settings, $"{live} {{\nrotate 100\nsize 1\nmissingok\n{how}\n}}\n");
        Assert.Equal(0, OtherProgram.Run("chmod", "", [], "0600", settings).Exit);
        return settings;
    }

    private static void Rotate(string folder, string settings)
    {
        (int exit, string output) = OtherProgram.Run("logrotate", "", [], "--force", "--state", Path.Combine(folder, "state"), settings);
        Assert.True(exit == 0, output);
    }

    private static FileStream Open(string live) => new(live, new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 });

    private void Append(FileStream writer, List<string> written, int count)
    {
        for (int i = 0; i < count; i++)
        {
            string line = $"{_next++}";
            written.Add(line);
            writer.Write(Encoding.ASCII.GetBytes(line + "\n"));
        }
    }
}
