using Vedette.Tests;
using Xunit;

namespace Vedette.Reports.Tests;

/// <summary>Output held against files under approved/. With VEDETTE_APPROVE=1 the files are written instead; read the diff before committing it.</summary>
internal static class Approved
{
    /// <summary>The text must be that of the file.</summary>
    public static void Equal(string name, string actual)
    {
        string path = Path.Combine(SharedData.Root, "tests", "Vedette.Reports.Tests", "approved", name);
        if (Environment.GetEnvironmentVariable("VEDETTE_APPROVE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
        }

        Assert.True(File.Exists(path), $"{path} is not there; VEDETTE_APPROVE=1 ./test makes it");
        Assert.Equal(File.ReadAllText(path), actual);
    }
}
