using System.Text;
using System.Text.Json;
using Vedette.Audit.Batches;
using Vedette.Audit.Redaction;
using Vedette.Audit.Shapes;
using Vedette.Sources.Rejects;
using Xunit;

namespace Vedette.Sources.Tests;

public class RejectFileTests
{
    [Theory]
    [InlineData("""{"kind":"Secret","data":{"password":"aHVudGVyMg=="},"x":1""", "aHVudGVyMg")]
    [InlineData("""{"stringData": {"k":"hunter2"}}""", "hunter2")]
    [InlineData("""{"stringData":{"k":"hunter2""", "hunter2")]
    [InlineData("""{"log":"{\"data\":{\"k\":\"hunter2\"}}""", "hunter2")]
    [InlineData("""{"log":"{\"password\":\"hunter2\"}""", "hunter2")]
    [InlineData("""{"status":{"token":"abc.def"}}""", "abc.def")]
    [InlineData("Authorization: Bearer hunter2", "hunter2")]
    [InlineData("/exec?command=curl&command=-H&command=Authorization:%20Bearer%20hunter2&x=1", "hunter2")]
    [InlineData("x eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln y", "c2ln")]
    public void Secrets_in_broken_input_are_masked(string content, string secret)
    {
        string masked = SecretMask.Apply(Encoding.UTF8.GetBytes(content));
        Assert.DoesNotContain(secret, masked, StringComparison.Ordinal);
        Assert.Contains("***", masked, StringComparison.Ordinal);
    }

    [Fact]
    public void What_helps_to_find_the_fault_stays()
    {
        const string Cut = """{"kind":"Event","auditID":"7df19974","verb":"create","user":{"username":"alice"},"objectRef":{"resource":"secr""";
        Assert.Equal(Cut, SecretMask.Apply(Encoding.UTF8.GetBytes(Cut)));
    }

    [Fact]
    public void Rejects_are_kept_as_JSON_lines_for_the_owner_only()
    {
        string path = Path.Combine(Path.GetTempPath(), $"vedette-{Guid.NewGuid():N}");
        try
        {
            using (RejectFile file = new(path))
            {
                file.Write(RejectReason.Truncated, new EventOrigin("a\nb", 7, 2), new byte[RejectFile.MaxContentLength + 1]);
            }

            JsonElement line = JsonDocument.Parse(Assert.Single(File.ReadAllLines(path))).RootElement;
            Assert.Equal("a\nb", line.GetProperty("source").GetString());
            Assert.Equal(7, line.GetProperty("line").GetInt32());
            Assert.Equal(2, line.GetProperty("item").GetInt32());
            Assert.Equal("truncated", line.GetProperty("reason").GetString());
            Assert.Equal(RejectFile.MaxContentLength + 1, line.GetProperty("bytes").GetInt32());
            Assert.Equal(RejectFile.MaxContentLength, line.GetProperty("content").GetString()!.Length);
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            }
        }
        finally
        {
            File.Delete(path);
        }
    }
}
