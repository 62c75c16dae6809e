using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Vedette.Tests;
using Xunit;

namespace Vedette.Acceptance;

public sealed class ScanTests : IDisposable
{
    private readonly Workspace _files = new();

    public ScanTests() => _files.Write("rule.yml", Workspace.SecretRule);

    public void Dispose() => _files.Dispose();

    [Fact]
    public void A_line_of_jsonl_is_the_contract()
    {
        Answer answer = Scan(Workspace.Event(), "-o", "jsonl", "--cluster", "prod");
        Assert.Matches(
            """^\{"id":"[0-9a-f]{32}","time":"2026-11-23T10:00:00\.500000Z","rule":\{"id":"6b1c3b3e-0000-4000-8000-000000000001","title":"Secret read","level":"high","dialect":"sigma","tags":\[\]\},"cluster":"prod","actor":\{"user":"alice","groups":\["developers"\]\},"source":\{"ip":"203\.0\.113\.9","userAgent":"kubectl/v1\.36\.0"\},"target":\{"resource":"secrets","subresource":null,"namespace":"prod","name":"db","apiGroup":null\},"verb":"get","decision":"allow","code":200,"events":\[\{"auditID":"1","stage":"ResponseComplete"\}\],"count":1,"message":"[^"]+"\}\n$""",
            answer.Out);
    }

    [Fact]
    public void The_json_document_has_findings_and_statistics()
    {
        Answer answer = Scan("not json\n" + Workspace.Event("1") + Workspace.Event("2", name: "other"), "-o", "json");
        JsonElement document = JsonDocument.Parse(answer.Out).RootElement;
        Assert.Equal(["findings", "stats"], document.EnumerateObject().Select(member => member.Name));
        Assert.Equal(2, document.GetProperty("findings").GetArrayLength());
        JsonElement statistics = document.GetProperty("stats");
        Assert.Equal(["events", "bytes", "rejects"], statistics.EnumerateObject().Select(member => member.Name).Take(3));
        Assert.Equal(2, statistics.GetProperty("events").GetInt64());
        Assert.Equal(new FileInfo(_files["audit.log"]).Length, statistics.GetProperty("bytes").GetInt64());
        Assert.Equal(1, statistics.GetProperty("rejects").EnumerateObject().Sum(reason => reason.Value.GetInt64()));
    }

    [Fact]
    public void Nothing_but_data_is_on_standard_output()
    {
        Answer answer = Scan("not json\n" + Workspace.Event(), "-o", "jsonl", "--stats");
        Assert.All(answer.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => JsonDocument.Parse(line));
        Assert.Contains("1 events", answer.Error.Replace("1 event ", "1 events ", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("html", "<!DOCTYPE html>", "</html>\n")]
    [InlineData("sarif", "{", "}\n")]
    [InlineData("markdown", "# Kubernetes audit findings", "\n")]
    [InlineData("csv", "id,time,level,", "\r\n")]
    public void A_report_is_all_that_is_on_standard_output(string format, string start, string end)
    {
        Answer answer = Scan("not json\n" + Workspace.Event(), "-o", format, "--cluster", "prod", "--stats");
        Assert.Equal(0, answer.Exit);
        Assert.StartsWith(start, answer.Out, StringComparison.Ordinal);
        Assert.EndsWith(end, answer.Out, StringComparison.Ordinal);
        Assert.All(new[] { "Secret read", "alice", "203.0.113.9", "prod" }, part => Assert.Contains(part, answer.Out, StringComparison.Ordinal));
    }

    [Fact]
    public void Text_of_an_attacker_cannot_steer_the_terminal()
    {
        Answer answer = Scan(Workspace.Event(user: @"mallory\u001b[2J\u202e\nfake line", name: @"\u0007\u009b31mx"));
        Assert.DoesNotContain(answer.Out, character => (char.IsControl(character) && character != '\n') || character is '\u202e' or '\u009b');
        Assert.Equal(2, answer.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("mallory", answer.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pipe_gets_no_colour_and_no_progress()
    {
        Answer answer = Scan(Workspace.Event());
        Assert.DoesNotContain('\u001b', answer.Out);
        Assert.DoesNotContain('\u001b', answer.Error);
        Assert.DoesNotContain('\r', answer.Error);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Standard_input_is_read_named_or_not(bool named)
    {
        string[] arguments = named ? ["scan", "-", "--rules", _files["rule.yml"], "-o", "jsonl"] : ["scan", "--rules", _files["rule.yml"], "-o", "jsonl"];
        Answer answer = VedetteProgram.Run(Encoding.UTF8.GetBytes(Workspace.Event()), arguments);
        Assert.Equal(0, answer.Exit);
        Assert.Single(answer.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Gzip_and_zstd_are_recognised_by_content()
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(Workspace.Event()));
        }

        _files.Write("one.data", packed.ToArray());

        // printf EVENT | zstd: the frame of RFC 8878 with one raw block.
        byte[] text = Encoding.UTF8.GetBytes(Workspace.Event("2"));
        int header = (text.Length << 3) | 1;
        _files.Write("two.data", [0x28, 0xB5, 0x2F, 0xFD, 0x60, (byte)(text.Length - 256), (byte)((text.Length - 256) >> 8), (byte)header, (byte)(header >> 8), (byte)(header >> 16), .. text]);
        Answer answer = VedetteProgram.Run("scan", _files["one.data"], _files["two.data"], "--rules", _files["rule.yml"], "-o", "jsonl");
        Assert.Equal("", answer.Error);
        Assert.Equal(2, answer.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void A_compressed_file_cut_short_is_told_and_what_was_in_it_is_used()
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.NoCompression, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 500).Select(index => Workspace.Event($"{index}")))));
        }

        _files.Write("cut.gz", packed.ToArray()[..(int)(packed.Length / 2)]);
        Answer answer = VedetteProgram.Run("scan", _files["cut.gz"], "--rules", _files["rule.yml"], "-o", "jsonl");
        Assert.Contains("cut.gz", answer.Error, StringComparison.Ordinal);
        Assert.Contains("damaged", answer.Error, StringComparison.Ordinal);
        Assert.InRange(answer.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, 100, 400);
    }

    [Fact]
    public void Rejects_are_kept_with_their_place_and_without_secrets()
    {
        Scan(Workspace.Event() + "{\"kind\":\"Pod\",\"token\":\"hunter2hunter2\"}\n" + Workspace.Event("2"), "--rejects", _files["rejects.jsonl"]);
        string line = Assert.Single(File.ReadAllLines(_files["rejects.jsonl"]));
        JsonElement reject = JsonDocument.Parse(line).RootElement;
        Assert.Equal(2, reject.GetProperty("line").GetInt64());
        Assert.EndsWith("audit.log", reject.GetProperty("source").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Rules_in_the_shorthand_of_SigmaHQ_find_something()
    {
        _files.Write("short.yml", "title: Short\nlogsource: {product: kubernetes, service: audit}\ndetection: {s: {verb: get, resource: secrets, namespace: prod}, condition: s}\n");
        _files.Write("audit.log", Workspace.Event());
        Answer answer = VedetteProgram.Run("scan", _files["audit.log"], "--rules", _files["short.yml"], "-o", "jsonl");
        Assert.Contains("\"title\":\"Short\"", answer.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void The_sample_log_of_this_repository_tells_its_story()
    {
        Answer answer = VedetteProgram.Run("scan", Path.Combine(SharedData.Root, "samples", "audit.log"));
        Assert.Equal(0, answer.Exit);
        Assert.Contains("cluster-admin bound", answer.Out, StringComparison.Ordinal);
        Assert.Contains("1 critical", answer.Error, StringComparison.Ordinal);
    }

    private Answer Scan(string log, params string[] arguments) =>
        VedetteProgram.Run(["scan", _files.Write("audit.log", log), "--rules", _files["rule.yml"], .. arguments]);
}
