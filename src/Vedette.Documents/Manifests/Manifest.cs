using System.Collections.Immutable;

namespace Vedette.Documents.Manifests;

/// <summary>A text as Kubernetes reads it.</summary>
/// <param name="Root">What it says; null when it cannot be read.</param>
/// <param name="Error">Why it cannot be read; null when it can.</param>
/// <param name="DuplicateKeys">Keys of YAML maps that are there twice, in the order Kubernetes' strict decoder meets them.</param>
/// <param name="NextDocumentLine">Where a second document begins, of which Kubernetes takes no notice; 0 when there is none.</param>
public sealed record Manifest(ManifestNode? Root, ManifestProblem? Error, ImmutableArray<ManifestProblem> DuplicateKeys, int NextDocumentLine)
{
    /// <summary>
    /// Reads a text as kube-apiserver's decoders do: JSON when its first character is <c>{</c>, else the first document of YAML
    /// (apimachinery/pkg/runtime/serializer/recognizer, util/yaml.IsJSONBuffer). Never throws.
    /// </summary>
    public static Manifest Read(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> start = text.TrimStart(" \t\r\n\v\f"u8);
        return !start.IsEmpty && start[0] == '{' ? JsonManifestReader.Read(text) : YamlManifestReader.Read(text);
    }

    internal static Manifest Failed(string message, int line, int column) => new(null, new ManifestProblem(message, line, column), [], 0);
}

/// <summary>Something wrong with a text.</summary>
/// <param name="Message">In Kubernetes' words where they are known.</param>
/// <param name="Line">From 1; 0 when there is no place.</param>
/// <param name="Column">From 1; 0 when there is none.</param>
public sealed record ManifestProblem(string Message, int Line, int Column);
