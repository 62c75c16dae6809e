using Vedette.Documents.Yaml;

namespace Vedette.Detection.Sigma;

/// <summary>Bounds how many tests a rule's condition has, and says once that it has too many.</summary>
/// <param name="reader">The rule's document.</param>
internal sealed class TestBudget(DocumentReader reader)
{
    /// <summary>Most tests in a rule's condition: every variant of a value counts, and a search identifier as often as it is named.</summary>
    public const int MaxTests = 50_000;

    private long _tests;
    private bool _isReported;

    /// <summary>True when there were more tests than there may be.</summary>
    public bool IsExceeded => _tests > MaxTests;

    /// <summary>Takes some; false when that is too many.</summary>
    /// <param name="tests">How many.</param>
    /// <param name="at">Where they stand.</param>
    public bool TryTake(long tests, YamlNode at)
    {
        _tests += tests;
        if (IsExceeded && !_isReported)
        {
            _isReported = true;
            reader.Error("VS1036", at, $"The rule has more than {MaxTests} tests, variants of values counted, and search identifiers as often as they are named.", "Make several rules of it, or name each identifier once.");
        }

        return !IsExceeded;
    }
}
