using System.Collections.Immutable;
using Vedette.Detection.Sigma;
using Vedette.Documents;
using Vedette.Documents.Yaml;

// Writes the YAML files of a folder, as they are read, into one archive. What is wrong with one, as YAML or as rules, is an error of the build: who reads the archive does not look for it.
if (args is not [var folder, var suffixLeftOut, var archive])
{
    Console.Error.WriteLine("usage: Vedette.RulePack FOLDER SUFFIX-LEFT-OUT ARCHIVE");
    return 2;
}

List<Diagnostic> diagnostics = [];
SigmaFile[] texts =
[
    .. Directory.EnumerateFiles(folder, "*.yml", SearchOption.AllDirectories).Where(file => !file.EndsWith(suffixLeftOut, StringComparison.Ordinal)).Order(StringComparer.Ordinal)
        .Select(file => new SigmaFile(file, File.ReadAllText(file))),
];
KeyValuePair<string, ImmutableArray<YamlNode>>[] files =
[
    .. texts.Select(file => KeyValuePair.Create(Path.GetRelativePath(folder, file.Name).Replace('\\', '/'), YamlReader.Read(file.Name, file.Text, diagnostics))).OrderBy(file => file.Key, StringComparer.Ordinal),
];
if (diagnostics.Count == 0)
{
    diagnostics.AddRange(SigmaLoader.Load(texts, new SigmaOptions()).Diagnostics);
}

foreach (Diagnostic diagnostic in diagnostics)
{
    Console.Error.WriteLine($"{diagnostic.File}({diagnostic.Line},{diagnostic.Column}): error {diagnostic.Code}: {diagnostic.Message}");
}

if (diagnostics.Count > 0)
{
    return 1;
}

// An archive that is as it was stays untouched, so that nothing is compiled again for it.
using MemoryStream written = new();
YamlArchive.Write(files, written);
if (!File.Exists(archive) || !File.ReadAllBytes(archive).AsSpan().SequenceEqual(written.ToArray()))
{
    File.WriteAllBytes(archive, written.ToArray());
}

return 0;
