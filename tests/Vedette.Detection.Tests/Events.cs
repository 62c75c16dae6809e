using System.Text;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Detection.Engine;
using Vedette.Detection.Rules;
using Xunit;

namespace Vedette.Detection.Tests;

/// <summary>Events and rules in few words.</summary>
internal static class Events
{
    /// <summary>Decodes an event.</summary>
    public static EventView Decode(string json)
    {
        Assert.Equal(DecodeStatus.Ok, new EventDecoder().Decode(Encoding.UTF8.GetBytes(json), out EventView view));
        return view;
    }

    /// <summary>A rule with this condition.</summary>
    public static DetectionRule Rule(Condition condition, string title = "rule") => new() { Id = title, Title = title, Condition = condition };

    /// <summary>Does the condition hold for the event?</summary>
    public static bool Holds(Condition condition, string json) => new RuleEvaluator(CompiledRules.Compile([Rule(condition)])).Evaluate(Decode(json)).Count == 1;

    /// <summary>A field whose text matches a Sigma pattern.</summary>
    public static Condition.Field Field(string path, string pattern, bool caseSensitive = false) =>
        new(path, new ValueTest.Text(Detection.Sigma.SigmaText.Parse(pattern), caseSensitive));
}
