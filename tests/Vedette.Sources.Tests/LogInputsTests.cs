using System.IO.Compression;
using System.Text;
using Vedette.Audit.Batches;
using Vedette.Sources.Files;
using Xunit;

namespace Vedette.Sources.Tests;

public sealed class LogInputsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vedette-sources-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Rotated_files_come_in_order_before_the_live_one()
    {
        Write("audit.log", "4");
        Write("audit-2026-11-23T03-57-37.043.log.gz", "2");
        Write("audit-2026-11-23T03-57-36.863.log", "1");
        Write("audit-2026-11-23T03-57-37.244.log", "3");
        Assert.Equal(
            ["audit-2026-11-23T03-57-36.863.log", "audit-2026-11-23T03-57-37.043.log.gz", "audit-2026-11-23T03-57-37.244.log", "audit.log"], Names());
    }

    [Fact]
    public void Of_a_file_that_is_being_compressed_only_the_plain_one_is_read()
    {
        Write("audit-2026-11-23T03-57-36.863.log", "1");
        Write("audit-2026-11-23T03-57-36.863.log.gz", "half");
        Write("audit.log", "2");
        Assert.Equal(["audit-2026-11-23T03-57-36.863.log", "audit.log"], Names());
    }

    [Fact]
    public void Trees_of_the_cloud_are_read_in_order_of_their_paths()
    {
        Write("y=2026/m=08/d=21/h=13/m=00/PT1H.json", "1");
        Write("y=2026/m=08/d=21/h=14/m=00/PT1H.json", "2");
        Directory.CreateSymbolicLink(Path.Combine(_folder, "round"), _folder);
        Assert.Equal(["y=2026/m=08/d=21/h=13/m=00/PT1H.json", "y=2026/m=08/d=21/h=14/m=00/PT1H.json"], Names());
    }

    [Fact]
    public void A_path_that_is_not_there_is_named() =>
        Assert.Contains("nowhere", Assert.Throws<FileNotFoundException>(() => LogInputs.Find(["nowhere"]).ToList()).Message, StringComparison.Ordinal);

    [Fact]
    public void Gzip_and_zstd_of_several_members_are_recognised_by_content()
    {
        File.WriteAllBytes(Path.Combine(_folder, "a"), [.. Gzip("one "), .. Gzip("two")]);
        Assert.Equal("one two", Read("a", out _));
        File.WriteAllBytes(Path.Combine(_folder, "b"), [.. Zstd("one "), .. Zstd("two")]);
        Assert.Equal("one two", Read("b", out _));
        Write("c.gz", "plain after all");
        Assert.Equal("plain after all", Read("c.gz", out _));
        Write("empty", "");
        Assert.Equal("", Read("empty", out _));
    }

    [Fact]
    public void Of_damaged_compression_what_was_readable_is_used_and_the_damage_told()
    {
        string text = string.Concat(Enumerable.Range(0, 20_000).Select(number => $"line {number * 7919}\n"));
        byte[] packed = Gzip(text);
        packed.AsSpan(packed.Length / 2, 64).Fill(0xff);
        File.WriteAllBytes(Path.Combine(_folder, "damaged.gz"), packed);
        string read = Read("damaged.gz", out string? damage);
        Assert.NotNull(damage);
        Assert.StartsWith("line 0\n", read, StringComparison.Ordinal);
        Assert.True(read.Length < text.Length);
    }

    private static byte[] Gzip(string text)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Optimal))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }

    private static byte[] Zstd(string text)
    {
        using ZstdSharp.Compressor compressor = new();
        return compressor.Wrap(Encoding.UTF8.GetBytes(text)).ToArray();
    }

    private string[] Names() => [.. LogInputs.Find([_folder]).Select(input => Path.GetRelativePath(_folder, input.Name))];

    private void Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_compressed_file_cut_short_at_any_byte_is_told(bool zstd)
    {
        byte[] packed = zstd ? Zstd("one two three one two three") : Gzip("one two three one two three");
        for (int length = 4; length < packed.Length; length++)
        {
            File.WriteAllBytes(Path.Combine(_folder, "cut"), packed[..length]);
            Read("cut", out string? damage);
            Assert.True(damage is not null, $"cut at {length} of {packed.Length}");
        }
    }

    private string Read(string name, out string? damage)
    {
        using LogStream stream = new LogInput(Path.Combine(_folder, name), null).Open(() => Stream.Null);
        using EventBatch batch = new();
        while (!stream.IsAtEnd)
        {
            stream.Fill(batch, batch.InputLength + 1000);
        }

        damage = stream.Damage;
        return Encoding.UTF8.GetString(batch.Input);
    }
}
