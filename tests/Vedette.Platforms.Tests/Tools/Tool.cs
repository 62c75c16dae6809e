using System.Text.Json;
using Vedette.Tests;
using Xunit;

namespace Vedette.Platforms.Tests.Tools;

/// <summary>Programs of others that know the languages we render. Where one is absent the test is skipped and says so; eng/setup.sh installs what can be had.</summary>
internal static class Tool
{
    private static readonly string s_modules = Path.Combine(SharedData.Root, "artifacts", "tools", "node_modules");

    /// <summary>Runs a program.</summary>
    /// <returns>Its exit code, and what it wrote.</returns>
    public static (int Exit, string Output) Run(string program, string input, params string[] arguments) => Run(program, input, [], arguments);

    /// <summary>Runs a program with variables of the environment.</summary>
    public static (int Exit, string Output) Run(string program, string input, (string Name, string Value)[] environment, params string[] arguments) =>
        OtherProgram.Run(program, input, [("NODE_PATH", s_modules), .. environment], arguments);

    /// <summary>Gives texts to a script of this folder that uses a package of npm.</summary>
    /// <returns>What it complains about.</returns>
    public static string Complaints(string script, string package, IEnumerable<KeyValuePair<string, string>> texts)
    {
        Module(package);
        using MemoryStream json = new();
        using (Utf8JsonWriter writer = new(json))
        {
            writer.WriteStartObject();
            foreach ((string name, string text) in texts)
            {
                writer.WriteString(name, text);
            }

            writer.WriteEndObject();
        }

        (int exit, string output) = Run("node", System.Text.Encoding.UTF8.GetString(json.ToArray()), Path.Combine(SharedData.Root, "tests", "Vedette.Platforms.Tests", "Tools", script));
        return exit == 0 ? output : $"node ended with {exit}: {output}";
    }

    /// <summary>Folder of a package of npm.</summary>
    public static string Module(string package)
    {
        string folder = Path.Combine(s_modules, package);
        Assert.SkipUnless(Directory.Exists(folder), $"not here: {package} of npm");
        return folder;
    }
}
