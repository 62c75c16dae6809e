using Vedette.Server.Hosting;
using Xunit;

namespace Vedette.Server.Tests.Hosting;

public sealed class PrivateKeyFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vedette-key-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("0400")]
    [InlineData("0600")]
    [InlineData("0640")]
    public void A_key_for_its_owner_or_a_group_is_private(string mode) => Assert.Null(PrivateKeyFile.Warning(File(mode)));

    [Theory]
    [InlineData("0644")]
    [InlineData("0604")]
    [InlineData("0660")]
    [InlineData("0602")]
    [InlineData("0777")]
    public void A_key_for_others_is_told_with_its_mode_and_what_to_do(string mode)
    {
        string path = File(mode);
        string? warning = PrivateKeyFile.Warning(path);
        Assert.StartsWith($"{path} has mode {mode}:", warning, StringComparison.Ordinal);
        Assert.Contains("chmod 0600", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_link_the_file_counts_that_it_leads_to()
    {
        string link = Path.Combine(_folder, "link");
        System.IO.File.CreateSymbolicLink(link, File("0600"));
        Assert.Null(PrivateKeyFile.Warning(link));
        System.IO.File.Delete(link);
        System.IO.File.CreateSymbolicLink(link, File("0644"));
        Assert.StartsWith($"{link} has mode 0644", PrivateKeyFile.Warning(link), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_is_not_there_is_not_told_here() => Assert.Null(PrivateKeyFile.Warning(Path.Combine(_folder, "none")));

    private string File(string mode)
    {
        string path = Path.Combine(_folder, mode);
        System.IO.File.WriteAllText(path, "key");
        System.IO.File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32(mode, 8));
        return path;
    }
}
