using System.Collections.Immutable;
using System.CommandLine;
using Vedette.Platforms;
using Vedette.Platforms.Residency;

namespace Vedette.Cli.Commands;

/// <summary>Options of one platform on the command line, and what <c>setup</c> and <c>verify</c> have in common.</summary>
internal sealed class PlatformOptions
{
    private readonly ImmutableArray<(PlatformOption Definition, Option Option)> _options;

    /// <summary>Makes command-line options of a platform's.</summary>
    public PlatformOptions(ImmutableArray<PlatformOption> definitions) => _options = [.. definitions.Select(definition => (definition, Create(definition)))];

    /// <summary>The options.</summary>
    public IEnumerable<Option> All => _options.Select(pair => pair.Option);

    /// <summary>Where data may be.</summary>
    public static Option<string> Residency() => new("--residency")
    {
        Description = $"Where data may be: any, or one or more of {string.Join(", ", ResidencyRule.Jurisdictions)} with commas. Other regions are refused.",
        DefaultValueFactory = _ => "any",
        HelpName = "PLACES",
        Validators =
        {
            result =>
            {
                if (result.Tokens is [{ Value: var text }] && !ResidencyRule.TryParse(text, out _))
                {
                    result.AddError($"--residency {text}: name one or more of {string.Join(", ", ResidencyRule.Jurisdictions)}, or any");
                }
            },
        },
    };

    /// <summary>Where data may be, as asked for.</summary>
    public static ResidencyRule ResidencyOf(ParseResult result, Option<string> option) => ResidencyRule.TryParse(result.GetValue(option)!, out ResidencyRule rule) ? rule : ResidencyRule.Anywhere;

    /// <summary>The values given.</summary>
    public OptionValues Values(ParseResult result)
    {
        Dictionary<string, ImmutableArray<string>> values = new(StringComparer.Ordinal);
        foreach ((PlatformOption definition, Option option) in _options)
        {
            ImmutableArray<string> given = option switch
            {
                Option<bool> flag => result.GetValue(flag) ? [""] : [],
                Option<string[]> many => [.. result.GetValue(many) ?? []],
                Option<string?> one => result.GetValue(one) is { } value ? [value] : [],
                _ => [],
            };
            if (given.Length > 0)
            {
                values.Add(definition.Name, given);
            }
        }

        return new OptionValues(values);
    }

    private static Option Create(PlatformOption definition)
    {
        string name = "--" + definition.Name;
        if (definition.ValueName is not { } valueName)
        {
            return new Option<bool>(name) { Description = definition.Help };
        }

        if (definition.IsRepeatable)
        {
            Option<string[]> many = new(name) { Description = definition.Help, HelpName = valueName, AllowMultipleArgumentsPerToken = true };
            return definition.Allowed.IsEmpty ? many : many.AcceptOnlyFromAmong([.. definition.Allowed]);
        }

        Option<string?> one = new(name) { Description = definition.Help, HelpName = valueName };
        if (definition.Default is { } fallback)
        {
            one.DefaultValueFactory = _ => fallback;
        }

        return definition.Allowed.IsEmpty ? one : one.AcceptOnlyFromAmong([.. definition.Allowed]);
    }
}
