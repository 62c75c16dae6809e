using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Vedette.Cli.Commands;
using Vedette.Detection.Engine;
using Vedette.Detection.Sigma;
using Vedette.Documents;
using Vedette.Server.Hosting;

namespace Vedette.Cli.Rules;

/// <summary>Rules for a server, which may load them again.</summary>
internal static class ServerRules
{
    /// <summary>Loads them.</summary>
    /// <param name="paths">Files and directories; none for the pack.</param>
    /// <exception cref="IOException">A path does not exist or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A path may not be read.</exception>
    /// <exception cref="InvalidDataException">They cannot be used.</exception>
    public static LoadedRules Load(ImmutableArray<string> paths)
    {
        IReadOnlyList<SigmaFile> files = RuleSource.Rules(paths);
        SigmaRuleSet set = SigmaLoader.Load(files, new SigmaOptions { NotesPlaces = false });
        if (set.HasErrors)
        {
            throw new InvalidDataException(string.Join('\n', set.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Take(100)));
        }

        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (SigmaFile file in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{file.Name}\0{file.Text}\0"));
        }

        return new LoadedRules(CompiledRules.Compile(RuleOptions.ForScan(set)), Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
