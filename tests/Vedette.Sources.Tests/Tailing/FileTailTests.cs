using System.IO.Compression;
using System.Text;
using Vedette.Sources.Settings;
using Vedette.Sources.Tailing;
using Xunit;

namespace Vedette.Sources.Tests.Tailing;

public sealed class FileTailTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vedette-tail-").FullName;

    private string Live => Path.Combine(_folder, "audit.log");

    private string Rotated(int number) => Path.Combine(_folder, $"audit-2026-11-23T03-57-{number:D2}.000.log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Lines_are_given_when_they_are_whole()
    {
        using Reading reading = Follow();
        reading.Poll();
        Append("one\ntw");
        reading.Poll();
        Assert.Equal(["one"], reading.Lines);
        Append("o\n");
        reading.Poll();
        Assert.Equal(["one", "two"], reading.Lines);
        Assert.Equal(0, reading.Status.LagBytes);
        Assert.Equal(8, reading.Status.Bytes);
    }

    [Fact]
    public void A_renamed_file_is_read_to_its_end_before_the_new_one()
    {
        using Reading reading = Follow();
        Append("1\n");
        reading.Poll();
        Append("2\n");
        File.Move(Live, Rotated(1));
        Append("3\n");
        File.Move(Live, Rotated(2));
        Append("4\n");
        reading.Poll();
        Assert.Equal(["1", "2", "3", "4"], reading.Lines);
        Assert.Equal(3, reading.Status.Files);
    }

    [Fact]
    public void What_rotated_while_nobody_read_is_found_again_also_compressed()
    {
        using Reading reading = Follow();
        Append("1\n2\n");
        reading.Poll();
        reading.Stop();
        Append("3\n");
        File.Move(Live, Rotated(1));
        Compress(Rotated(1));
        Append("4\n");
        File.Move(Live, Rotated(2));
        Append("5\n");
        reading.Poll();
        Assert.Equal(["1", "2", "3", "4", "5"], reading.Lines);
        reading.Stop();
        Compress(Rotated(2));
        reading.Settle();
        Assert.Equal(["1", "2", "3", "4", "5"], reading.Lines);
    }

    [Fact]
    public void A_file_that_is_being_compressed_is_not_read_twice()
    {
        using Reading reading = Follow();
        Append("1\n2\n");
        reading.Poll();
        File.Move(Live, Rotated(1));
        Append("3\n");
        byte[] packed = Gzip(File.ReadAllBytes(Rotated(1)));
        File.WriteAllBytes(Rotated(1) + ".gz", packed[..12]);
        reading.Settle();
        File.WriteAllBytes(Rotated(1) + ".gz", packed);
        reading.Settle();
        File.Delete(Rotated(1));
        reading.Settle();
        Assert.Equal(["1", "2", "3"], reading.Lines);
        Assert.Equal(0, reading.Status.Gaps);
    }

    [Fact]
    public void What_is_truncated_goes_on_from_its_beginning_and_the_rest_is_read_in_the_copy()
    {
        using Reading reading = Follow();
        Append("1\n2\n");
        reading.Poll();
        Append("3\n");
        File.Copy(Live, Live + ".1");
        Truncate();
        Append("4\n5\n6\n7\n");
        reading.Settle();
        Assert.Equal(["1", "2", "3", "4", "5", "6", "7"], reading.Lines.Order());
        Assert.Equal(0, reading.Status.Gaps);
    }

    [Fact]
    public void A_truncation_without_copy_is_told_as_a_gap()
    {
        using Reading reading = Follow();
        Append("1\n");
        reading.Poll();
        Truncate();
        Append("2\n3\n4\n");
        reading.Settle();
        Assert.Equal(["1", "2", "3", "4"], reading.Lines);
        Assert.Equal(1, reading.Status.Gaps);
    }

    [Fact]
    public void Zeros_that_a_writer_leaves_after_a_truncation_are_passed_over()
    {
        using Reading reading = Follow();
        using FileStream writer = new(Live, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        writer.Write("1\n2\n"u8);
        reading.Poll();
        Truncate();
        writer.Write("3\n"u8);
        reading.Settle();
        Assert.Equal(["1", "2", "3"], reading.Lines);
    }

    [Fact]
    public void Files_that_begin_with_a_hole_are_told_apart_by_what_comes_behind_it()
    {
        using Reading reading = Follow();
        using FileStream writer = new(Live, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        List<string> written = [];
        for (int rotation = 1; rotation <= 4; rotation++)
        {
            for (int number = 0; number < 300; number++)
            {
                written.Add($"{rotation}-{number}");
                writer.Write(Encoding.ASCII.GetBytes(written[^1] + "\n"));
            }

            if (rotation % 2 == 0)
            {
                reading.Poll();
            }
            else
            {
                reading.Stop();
            }

            File.Copy(Live, Rotated(rotation));
            if (rotation == 2)
            {
                Compress(Rotated(rotation));
            }

            Truncate();
        }

        writer.Write("last\n"u8);
        reading.Settle();
        Assert.Equal([.. written, "last"], reading.Lines);
        Assert.Equal(0, reading.Status.Gaps);
    }

    [Fact]
    public void The_last_line_of_a_rotated_file_is_given_after_a_while_and_the_new_file_waits_for_it()
    {
        using Reading reading = Follow();
        Append("1\n2");
        reading.Poll();
        File.Move(Live, Rotated(1));
        Append("3\n");
        reading.Poll();
        Assert.Equal(["1"], reading.Lines);
        reading.Clock.Advance(FileTail.MaxWaitForLineEnd);
        reading.Poll();
        Assert.Equal(["1", "2", "3"], reading.Lines);
    }

    [Fact]
    public void The_last_line_of_a_file_that_stays_is_given_only_when_it_is_a_document()
    {
        using Reading reading = Follow();
        Append("{\"a\":1");
        reading.Poll();
        reading.Clock.Advance(FileTail.MaxWaitForLiveLineEnd);
        reading.Poll();
        Assert.Empty(reading.Lines);
        Append("}");
        reading.Poll();
        reading.Clock.Advance(FileTail.MaxWaitForLiveLineEnd);
        reading.Poll();
        Assert.Equal(["{\"a\":1}"], reading.Lines);
    }

    [Fact]
    public void From_the_end_only_what_comes_is_read_also_after_a_restart()
    {
        Append("1\n");
        File.Move(Live, Rotated(1));
        Compress(Rotated(1));
        Append("2\n");
        File.Move(Live, Rotated(2));
        Append("3\n4");
        using Reading reading = Follow(TailStart.End);
        reading.Poll();
        Assert.Empty(reading.Lines);
        reading.Stop();
        Append(" still\n5\n");
        reading.Settle();
        Assert.Equal(["5"], reading.Lines);
        File.Move(Live, Rotated(3));
        Append("6\n");
        Compress(Rotated(2));
        reading.Stop();
        Compress(Rotated(3));
        reading.Settle();
        Assert.Equal(["5", "6"], reading.Lines);
    }

    [Fact]
    public void From_the_end_of_nothing_everything_is_read()
    {
        using Reading reading = Follow(TailStart.End);
        reading.Poll();
        reading.Stop();
        Append("1\n");
        reading.Poll();
        Assert.Equal(["1"], reading.Lines);
    }

    [Fact]
    public void A_directory_and_a_pattern_are_followed_with_what_comes_later()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "a"));
        File.WriteAllText(Path.Combine(_folder, "a", "x.log"), "1\n");
        using Reading directory = new([_folder]);
        using Reading pattern = new([Path.Combine(_folder, "*", "*.log")]);
        using Reading deep = new([Path.Combine(_folder, "**", "*.log")]);
        foreach (Reading reading in new[] { directory, pattern, deep })
        {
            reading.Poll();
        }

        Directory.CreateDirectory(Path.Combine(_folder, "b"));
        File.WriteAllText(Path.Combine(_folder, "b", "y.log"), "2\n");
        File.WriteAllText(Path.Combine(_folder, "b", ".hidden.log"), "hidden\n");
        foreach (Reading reading in new[] { directory, pattern, deep })
        {
            reading.Poll();
            Assert.Equal(["1", "2"], reading.Lines);
        }
    }

    [Fact]
    public void A_file_that_may_not_be_read_is_explained_and_read_when_it_may()
    {
        Append("1\n");
        File.SetUnixFileMode(Live, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using Reading reading = Follow();
        reading.IsForbidden = true;
        reading.Poll();
        reading.Poll();
        string message = reading.Status.Problem!.Message;
        Assert.Contains("audit.log", message);
        Assert.Contains("0600", message);
        Assert.Contains("CAP_DAC_READ_SEARCH", message);
        Assert.Equal(1, reading.Status.Problems);
        reading.IsForbidden = false;
        reading.Settle();
        Assert.Equal(["1"], reading.Lines);
        Assert.Null(reading.Status.Problem);
    }

    [Fact]
    public void What_cannot_be_stored_is_offered_again_and_its_position_stays()
    {
        Append("1\n2\n");
        using Reading reading = Follow();
        reading.Refusals = 5;
        reading.Poll();
        Assert.Equal(["1", "2"], reading.Lines);
        reading.CannotSave = true;
        Append("3\n");
        reading.Poll();
        Assert.Contains("no space", reading.Status.Problem!.Message);
        reading.Stop();
        reading.CannotSave = false;
        reading.Poll();
        Assert.Equal(["1", "2", "3", "3"], reading.Lines);
    }

    [Fact]
    public void A_line_that_is_too_long_is_told_and_the_next_one_read()
    {
        using Reading reading = new([Live], limits: new TailLimits { MaxChunkLength = 1024, MaxLineLength = 100_000 });
        Append("1\n" + new string('x', 99_990) + "\n" + new string('y', 250_000) + "\n2\n");
        reading.Poll();
        Assert.Equal(["1", new string('x', 99_990), "2"], reading.Lines);
        Assert.Equal(new string('y', TailLimits.MaxTooLongKept), Assert.Single(reading.TooLong));
        Append(new string('z', 150_000));
        reading.Poll();
        reading.Stop();
        Append(new string('z', 150_000) + "\n3\n");
        reading.Poll();
        Assert.Equal("3", reading.Lines[^1]);
        Assert.Equal(4, reading.Lines.Count);
    }

    [Fact]
    public void A_number_that_another_file_gets_is_noticed()
    {
        using Reading reading = Follow();
        Append("1\n");
        reading.Poll();
        reading.Stop();
        // The same number and a length that fits: only the content tells.
        using (FileStream file = new(Live, FileMode.Open, FileAccess.Write))
        {
            file.Write("2\n3\n4\n"u8);
        }

        reading.Settle();
        Assert.Equal(["1", "2", "3", "4"], reading.Lines);
    }

    [Fact]
    public void Damaged_positions_are_told_and_everything_is_read_again()
    {
        using Reading reading = Follow();
        ((ITailPositions)reading).Save("test", "{\"version\":1,\"logs\":[{}]}"u8);
        Append("1\n");
        reading.Poll();
        Assert.Equal(["1"], reading.Lines);
        Assert.Contains("damaged", reading.Status.Problem!.Message);
    }

    [Fact]
    public void A_compressed_file_that_breaks_off_gives_its_lines_and_is_told()
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 50_000).Select(number => $"{number} {number * 7919L % 10007}\n")));
        byte[] packed = Gzip(text);
        File.WriteAllBytes(Rotated(1) + ".gz", packed[..(packed.Length / 2)]);
        using Reading reading = Follow();
        reading.Settle();
        reading.Settle();
        Assert.NotEmpty(reading.Lines);
        Assert.Equal(1, reading.Status.Gaps);
        Assert.Equal(Enumerable.Range(0, reading.Lines.Count), reading.Lines.Select(line => int.Parse(line.Split(' ')[0])));
    }

    [Fact]
    public void The_last_line_of_a_truncated_file_is_given_from_its_copy_before_what_is_newer()
    {
        using Reading reading = Follow();
        Append("1\n2\n3");
        reading.Poll();
        File.Copy(Live, Live + ".1");
        reading.Poll();
        Truncate();
        Append("4\n");
        reading.Poll();
        Assert.Equal(["1", "2"], reading.Lines);
        reading.Settle();
        Assert.Equal(["1", "2", "3", "4"], reading.Lines);
    }

    private Reading Follow(TailStart from = TailStart.Start) => new([Live], from);

    private void Append(string text) => File.AppendAllText(Live, text);

    private void Truncate()
    {
        using FileStream file = new(Live, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        file.SetLength(0);
    }

    private static void Compress(string path)
    {
        File.WriteAllBytes(path + ".gz", Gzip(File.ReadAllBytes(path)));
        File.Delete(path);
    }

    private static byte[] Gzip(byte[] plain)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest))
        {
            gzip.Write(plain);
        }

        return packed.ToArray();
    }
}
