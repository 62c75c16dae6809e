using System.Text;
using System.Text.Json;

namespace Vedette.Platforms.Verification;

/// <summary>What a cloud's own command line said, as files or piped in: JSON documents, told apart by what is in them; and scripts or recipes, which are looked at as text.</summary>
internal sealed class Evidence
{
    /// <summary>Most files looked at; of more, the first by name.</summary>
    public const int MaxFiles = 1000;

    /// <summary>Deepest nesting of directories looked into.</summary>
    public const int MaxDepth = 16;

    /// <summary>Hidden directories are left out: Terraform keeps its providers in one.</summary>
    private static readonly EnumerationOptions s_below = new() { RecurseSubdirectories = true, MaxRecursionDepth = MaxDepth, IgnoreInaccessible = true };

    private readonly List<EvidenceDocument> _documents = [];
    private readonly List<EvidenceText> _texts = [];

    /// <summary>JSON documents; those in a file of several have its name and their line.</summary>
    public IReadOnlyList<EvidenceDocument> Documents => _documents;

    /// <summary>Everything else.</summary>
    public IReadOnlyList<EvidenceText> Texts => _texts;

    /// <summary>The option of <c>verify</c> that names it.</summary>
    public static PlatformOption Option(string what) => new("evidence", $"Files, directories or - for standard input: {what}; scripts too.", "FILE|DIR|-") { IsRepeatable = true };

    /// <summary>Reads what <c>--evidence</c> and <c>--setup</c> name. What cannot be read is "cannot tell".</summary>
    /// <param name="request">What to verify.</param>
    /// <param name="verdict">Takes what cannot be read.</param>
    /// <param name="readable">The check that says so.</param>
    public static Evidence Read(VerifyRequest request, Verdict verdict, Check readable)
    {
        Evidence evidence = new();
        IEnumerable<string> files = request.Options.All("evidence").SelectMany(FilesOf);
        if (request.SetupDirectory is { } setup)
        {
            files = files.Concat(FilesOf(setup));
        }

        int count = 0;
        foreach (string file in files)
        {
            if (++count > MaxFiles)
            {
                verdict.CannotTell(readable, new Place(file), $"it and what follows are beyond the first {MaxFiles} files", "name fewer files, or a directory with less in it");
                break;
            }

            if (!request.Files.TryReadText(file, out string textOrWhy))
            {
                verdict.CannotTell(readable, new Place(file), textOrWhy, "name a file that can be read");
            }
            else if (textOrWhy.AsSpan().TrimStart().StartsWith("{") || textOrWhy.AsSpan().TrimStart().StartsWith("["))
            {
                evidence.AddJson(file, textOrWhy, verdict, readable);
            }
            else
            {
                evidence._texts.Add(new EvidenceText(file, textOrWhy));
            }
        }

        return evidence;
    }

    /// <summary>The values of a member at the top of documents: <c>logGroups</c> of the answer to describe-log-groups.</summary>
    public IEnumerable<EvidenceDocument> With(string member) =>
        _documents.Where(document => document.Root.ValueKind == JsonValueKind.Object && document.Root.TryGetProperty(member, out _)).Select(document => document with { Root = document.Root.GetProperty(member) });

    private static IEnumerable<string> FilesOf(string path) => Directory.Exists(path) ? Directory.EnumerateFiles(path, "*", s_below).Order(StringComparer.Ordinal) : [path];

    /// <summary>One document after the other, as a pipe of several commands gives them.</summary>
    private void AddJson(string file, string text, Verdict verdict, Check readable)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Utf8JsonReader reader = new(bytes, new JsonReaderOptions { AllowMultipleValues = true, CommentHandling = JsonCommentHandling.Skip });
        try
        {
            while (reader.Read())
            {
                int line = bytes.AsSpan(0, (int)reader.TokenStartIndex).Count((byte)'\n') + 1;
                _documents.Add(new EvidenceDocument(new Place(file, line), JsonElement.ParseValue(ref reader)));
            }
        }
        catch (JsonException exception)
        {
            verdict.CannotTell(readable, new Place(file, (int)(exception.LineNumber ?? 0) + 1), "this begins like JSON and is not", "save the command's answer with --output json, whole");
        }
    }
}

/// <summary>A JSON document.</summary>
/// <param name="Place">Where it begins.</param>
/// <param name="Root">Its value.</param>
internal sealed record EvidenceDocument(Place Place, JsonElement Root)
{
    /// <summary>The elements of a list; nothing of anything else.</summary>
    public IEnumerable<JsonElement> Items => Root.ValueKind == JsonValueKind.Array ? Root.EnumerateArray() : [];
}

/// <summary>A text.</summary>
/// <param name="File">Its file.</param>
/// <param name="Text">The text.</param>
internal sealed record EvidenceText(string File, string Text);
