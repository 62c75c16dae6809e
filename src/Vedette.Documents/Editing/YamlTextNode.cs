using System.Collections.Immutable;

namespace Vedette.Documents.Editing;

/// <summary>How a scalar is written.</summary>
public enum YamlQuoting
{
    /// <summary>Without quotes.</summary>
    Plain,

    /// <summary>'so'.</summary>
    Single,

    /// <summary>"so".</summary>
    Double,

    /// <summary>A block after <c>|</c> or <c>&gt;</c>.</summary>
    Block,
}

/// <summary>A value of a YAML text with the range of characters it stands in, for edits that keep everything else as it is.</summary>
/// <param name="Start">First character; an anchor or tag before it is part of it.</param>
/// <param name="End">After its last character; comments and line ends after it are not part of it.</param>
public abstract record YamlTextNode(int Start, int End)
{
    /// <summary>The node itself, or what an alias stands for.</summary>
    public virtual YamlTextNode Resolved => this;

    /// <summary>The text of a scalar; null of anything else.</summary>
    public string? Text => (Resolved as YamlTextScalar)?.Value;
}

/// <summary>A scalar.</summary>
/// <param name="Value">Its text, quotes and folding resolved.</param>
/// <param name="Quoting">How it is written.</param>
/// <param name="ContentStart">Where its content begins, after an anchor or tag.</param>
public sealed record YamlTextScalar(int Start, int End, string Value, YamlQuoting Quoting, int ContentStart) : YamlTextNode(Start, End)
{
    /// <summary>Nothing is written at all: <c>key:</c> alone.</summary>
    public bool IsAbsent => ContentStart == End && Quoting == YamlQuoting.Plain;
}

/// <summary>A list.</summary>
/// <param name="Items">Its items.</param>
/// <param name="IsFlow">Is it written in brackets?</param>
public sealed record YamlTextSequence(int Start, int End, ImmutableArray<YamlTextNode> Items, bool IsFlow) : YamlTextNode(Start, End);

/// <summary>A map. Merge keys are members like others.</summary>
/// <param name="Members">Its members.</param>
/// <param name="IsFlow">Is it written in braces?</param>
public sealed record YamlTextMapping(int Start, int End, ImmutableArray<YamlTextMember> Members, bool IsFlow) : YamlTextNode(Start, End)
{
    /// <summary>The member of a name; the last of several, as everybody reads them; null when there is none.</summary>
    public YamlTextMember? this[string name] => Members.LastOrDefault(member => member.Key.Text == name);
}

/// <summary>A use of an anchor.</summary>
/// <param name="Target">What it stands for.</param>
public sealed record YamlTextAlias(int Start, int End, YamlTextNode Target) : YamlTextNode(Start, End)
{
    /// <inheritdoc />
    public override YamlTextNode Resolved => Target.Resolved;
}

/// <summary>A key and its value.</summary>
public sealed record YamlTextMember(YamlTextNode Key, YamlTextNode Value);
