using System.Globalization;
using System.IO.Compression;
using CsCheck;
using Vedette.Sources.Tailing;
using Xunit;

namespace Vedette.Sources.Tests.Tailing;

/// <summary>Whatever a writer does to its log and whenever the reader looks, stops, is refused or may not read: every line comes, once, in order.</summary>
public class TailModelTests(ITestOutputHelper output)
{
    private enum Step
    {
        Append,
        AppendPart,
        Poll,
        Rotate,
        RotateWithoutLineEnd,
        Compress,
        CompressSlowly,
        Restart,
        Refuse,
        Crash,
        Forbid,
        Wait,
    }

    [Fact]
    public void Every_line_of_a_log_that_is_renamed_comes_once_and_in_order() => Check(byCopy: false);

    [Fact]
    public void Every_line_of_a_log_that_is_copied_and_truncated_comes_once_and_in_order() => Check(byCopy: true);

    private void Check(bool byCopy)
    {
        int restarts = 0;
        int rotations = 0;
        Gen.Select(Gen.Enum<Step>(), Gen.Int[0, 400]).Array[1, 60].Sample(
            steps =>
            {
                string folder = Directory.CreateTempSubdirectory("vedette-model-").FullName;
                try
                {
                    using Writer writer = new(folder, byCopy);
                    using Reading reading = new([writer.Live], limits: new TailLimits { MaxChunkLength = 256, MaxLineLength = 4096 });
                    bool mayRepeat = false;
                    bool mayReorder = false;
                    foreach ((Step step, int size) in steps)
                    {
                        Apply(step, size, writer, reading, ref mayRepeat, ref mayReorder);
                        restarts += step is Step.Restart or Step.Crash ? 1 : 0;
                        rotations += step is Step.Rotate or Step.RotateWithoutLineEnd ? 1 : 0;
                    }

                    writer.Append(1);
                    reading.IsForbidden = false;
                    reading.Settle();
                    IEnumerable<string> got = mayRepeat ? reading.Lines.Distinct() : reading.Lines;
                    Assert.True(reading.Lines.Contains(writer.Lines[^1]), $"{reading.State} {reading.Status.Problem}");
                    Assert.Equal(writer.Lines, mayReorder ? got.OrderBy(line => int.Parse(line.Split(':')[0], CultureInfo.InvariantCulture)) : got);
                }
                finally
                {
                    Directory.Delete(folder, recursive: true);
                }
            },
            iter: 200,
            threads: 1,
            print: steps => string.Join(", ", steps.Select(step => $"{step.Item1} {step.Item2}")));
        output.WriteLine($"{rotations} rotations, {restarts} restarts");
        Assert.True(rotations > 50 && restarts > 50);
    }

    private static void Apply(Step step, int size, Writer writer, Reading reading, ref bool mayRepeat, ref bool mayReorder)
    {
        switch (step)
        {
            case Step.Append:
                writer.Append(size % 12);
                break;
            case Step.AppendPart:
                writer.AppendPart(size, reading.Poll);
                break;
            case Step.Poll:
                reading.Poll();
                break;
            case Step.Rotate:
                writer.Rotate(withLineEnd: true, size % 2 == 0 ? reading.Poll : () => { });
                break;
            case Step.RotateWithoutLineEnd:
                writer.Rotate(withLineEnd: false, size % 2 == 0 ? reading.Poll : () => { });
                break;
            case Step.Compress:
                writer.Compress(() => { });
                break;
            case Step.CompressSlowly:
                writer.Compress(reading.Poll);
                break;
            case Step.Restart:
                reading.Stop();
                break;
            case Step.Refuse:
                reading.Refusals = size % 3;
                break;
            case Step.Crash:
                // Stored, and killed before the position was saved.
                mayRepeat = true;
                reading.CannotSave = true;
                reading.Poll();
                reading.Stop();
                reading.CannotSave = false;
                break;
            case Step.Forbid:
                reading.IsForbidden = size % 2 == 0;
                mayReorder |= reading.IsForbidden;
                break;
            case Step.Wait:
                reading.Clock.Advance(TimeSpan.FromSeconds(size % 20));
                break;
        }
    }

    /// <summary>Writes a log of numbered lines.</summary>
    private sealed class Writer(string folder, bool byCopy) : IDisposable
    {
        private readonly List<string> _plain = [];
        private FileStream? _file;
        private int _rotations;

        public string Live { get; } = Path.Combine(folder, "audit.log");

        public List<string> Lines { get; } = [];

        public void Append(int count)
        {
            for (int i = 0; i < count; i++)
            {
                Write(NewLine(i * 7) + "\n");
            }
        }

        public void AppendPart(int size, Action between)
        {
            string line = NewLine(size) + "\n";
            int cut = size % line.Length;
            Write(line[..cut]);
            between();
            Write(line[cut..]);
        }

        public void Rotate(bool withLineEnd, Action between)
        {
            if (_file is null)
            {
                return;
            }

            if (!withLineEnd)
            {
                Write(NewLine(3));
            }

            if (byCopy)
            {
                CopyAndTruncate(between);
                return;
            }

            string rotated = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"audit-2026-11-23T03-{_rotations / 60:D2}-{_rotations % 60:D2}.000.log"));
            _rotations++;
            File.Move(Live, rotated);
            between();
            _plain.Add(rotated);
            _file.Dispose();
            _file = null;
        }

        public void Compress(Action between)
        {
            if (_plain.Count == 0)
            {
                return;
            }

            string path = _plain[0];
            _plain.RemoveAt(0);
            using MemoryStream packed = new();
            using (GZipStream gzip = new(packed, CompressionLevel.Fastest, leaveOpen: true))
            {
                gzip.Write(File.ReadAllBytes(path));
            }

            byte[] bytes = packed.ToArray();
            File.WriteAllBytes(path + ".gz", bytes[..(bytes.Length / 2)]);
            between();
            File.WriteAllBytes(path + ".gz", bytes);
            between();
            File.Delete(path);
        }

        public void Dispose() => _file?.Dispose();

        private void CopyAndTruncate(Action between)
        {
            for (int number = _rotations; number > 0; number--)
            {
                foreach (string packed in new[] { "", ".gz" })
                {
                    string from = $"{Live}.{number}{packed}";
                    if (File.Exists(from))
                    {
                        File.Move(from, $"{Live}.{number + 1}{packed}");
                    }
                }
            }

            for (int i = 0; i < _plain.Count; i++)
            {
                _plain[i] = $"{Live}.{_plain.Count - i + 1}";
            }

            _rotations++;
            byte[] content = new byte[_file!.Length];
            using (FileStream reader = new(Live, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
            {
                reader.ReadExactly(content);
            }

            File.WriteAllBytes(Live + ".1", content[..(content.Length / 2)]);
            between();
            File.WriteAllBytes(Live + ".1", content);
            between();
            _file.SetLength(0);
            _plain.Add(Live + ".1");
        }

        private string NewLine(int length)
        {
            string line = string.Create(CultureInfo.InvariantCulture, $"{Lines.Count}:{new string('x', length)}");
            Lines.Add(line);
            return line;
        }

        private void Write(string text)
        {
            _file ??= new FileStream(Live, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            _file.Seek(0, SeekOrigin.End);
            _file.Write(System.Text.Encoding.ASCII.GetBytes(text));
        }
    }
}
