using System.Reflection;
using System.Text;

namespace Vedette.Cli.Policies;

/// <summary>Where policies come from: a file, standard input, or the presets inside the program.</summary>
internal static class PolicySource
{
    /// <summary>Largest policy file, in bytes.</summary>
    public const int MaxLength = 4 * 1024 * 1024;

    private const string Folder = "policies/";

    /// <summary>Names of the presets.</summary>
    public static IEnumerable<string> Presets => Names().Where(name => name.EndsWith(".yaml", StringComparison.Ordinal))
        .Select(name => name[Folder.Length..^".yaml".Length]).Order(StringComparer.Ordinal);

    /// <summary>A policy: <c>-</c> is standard input; a name that is no file may be a preset's.</summary>
    /// <exception cref="IOException">There is no such file or preset, it is too large, or it cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static byte[] Read(string policy)
    {
        if (policy == "-")
        {
            using Stream input = Terminal.Input();
            return ReadAll(input, "standard input");
        }

        if (!File.Exists(policy) && Presets.Contains(policy, StringComparer.Ordinal))
        {
            return Encoding.UTF8.GetBytes(Preset(policy));
        }

        if (!File.Exists(policy))
        {
            throw new FileNotFoundException($"{policy}: no such file; presets are {string.Join(", ", Presets)}", policy);
        }

        using FileStream file = File.OpenRead(policy);
        return ReadAll(file, policy);
    }

    /// <summary>The text of a preset.</summary>
    public static string Preset(string name) => Resource(Folder + name + ".yaml");

    /// <summary>The JSON Schema of policy files.</summary>
    public static string Schema() => Resource(Folder + "policy.schema.json");

    /// <summary>The page on a check of the linter; null when there is no such check.</summary>
    public static string? Page(string id)
    {
        string name = $"policy-lint/{id}.md";
        return Names().Contains(name, StringComparer.Ordinal) ? Resource(name) : null;
    }

    private static string[] Names() => typeof(PolicySource).Assembly.GetManifestResourceNames();

    private static string Resource(string name)
    {
        Assembly assembly = typeof(PolicySource).Assembly;
        using StreamReader reader = new(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    private static byte[] ReadAll(Stream stream, string name)
    {
        using MemoryStream all = new();
        byte[] buffer = new byte[64 * 1024];
        while (stream.Read(buffer) is > 0 and int read)
        {
            all.Write(buffer, 0, read);
            if (all.Length > MaxLength)
            {
                throw new IOException($"{name}: larger than {MaxLength} bytes, which no audit policy is");
            }
        }

        return all.ToArray();
    }
}
