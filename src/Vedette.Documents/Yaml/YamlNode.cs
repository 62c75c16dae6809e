using System.Collections.Immutable;

namespace Vedette.Documents.Yaml;

/// <summary>A piece of a YAML document that knows where it stands.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
public abstract record YamlNode(int Line, int Column);

/// <summary>A single value as written.</summary>
/// <param name="Text">Its text, quotes and folding resolved.</param>
/// <param name="IsPlain">Written without quotes: YAML may see a number, boolean or null in it.</param>
public sealed record YamlScalar(string Text, bool IsPlain, int Line, int Column) : YamlNode(Line, Column);

/// <summary>A list.</summary>
public sealed record YamlSequence(ImmutableArray<YamlNode> Items, int Line, int Column) : YamlNode(Line, Column);

/// <summary>A map in the order it is written. Of equal keys only the last is kept, as PyYAML does; the reader warns of it.</summary>
public sealed record YamlMapping(ImmutableArray<YamlMember> Members, int Line, int Column) : YamlNode(Line, Column)
{
    /// <summary>The value of a key, or null.</summary>
    public YamlNode? this[string key]
    {
        get
        {
            foreach (YamlMember member in Members)
            {
                if (member.Key.Text == key)
                {
                    return member.Value;
                }
            }

            return null;
        }
    }

    /// <summary>True when every key is one of these.</summary>
    public bool HasOnly(params ReadOnlySpan<string> keys)
    {
        foreach (YamlMember member in Members)
        {
            if (!keys.Contains(member.Key.Text))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>One key and its value.</summary>
public readonly record struct YamlMember(YamlScalar Key, YamlNode Value);
