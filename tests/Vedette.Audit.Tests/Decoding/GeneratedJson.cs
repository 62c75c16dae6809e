using System.Text;
using CsCheck;
using Vedette.Audit.Events;

namespace Vedette.Audit.Tests.Decoding;

/// <summary>Random JSON that looks enough like audit events to hurt: their names in any order, twice, escaped; any nesting, white space, delimiters in strings.</summary>
internal static class GeneratedJson
{
    private static readonly Gen<string> s_space = Gen.OneOf("", "", "", "", " ", "\t", "\n", "\r\n", "  ");

    private static readonly Gen<string> s_text = Gen.OneOf<string>(
        Gen.OneOf("", "pods", "get", "allow", "\\\"", "\\\\", "\\\\\\\"", "\\u0022", "\\u0000", "\\ud83d\\ude00", "\\ud800", "é", "日本", "😀",
            "},\\\"verb\\\":\\\"delete\\\"", "{[", "]}", ",\\\"responseObject\\\":{", "a.b", new string('x', 70)),
        Gen.Char['a', 'z'].Array[0, 20].Select(chars => new string(chars)));

    private static readonly Gen<string> s_scalar = Gen.OneOf<string>(
        s_text.Select(text => $"\"{text}\""),
        Gen.OneOf("true", "false", "null", "0", "-1", "403", "1.5e-7", "1e400"));

    private static readonly string[] s_names =
        [.. FieldCatalogue.Paths.SelectMany(path => path.Split('.')).Concat(FieldCatalogue.Paths).Distinct(StringComparer.Ordinal)];

    private static readonly Gen<string> s_name = Gen.OneOf<string>(
        Gen.OneOf(s_names),
        Gen.OneOf(s_names),
        Gen.OneOf(s_names).Select(name => $"\\u{(int)name[0]:x4}{name[1..]}"),
        s_text);

    /// <summary>An object that may be an event.</summary>
    public static Gen<string> Event { get; } = Object(4);

    /// <summary>Any value.</summary>
    public static Gen<string> Value(int depth) => depth == 0
        ? s_scalar
        : Gen.OneOf(s_scalar, s_scalar, Object(depth - 1), Array(depth - 1));

    private static Gen<string> Array(int depth) =>
        Gen.Select(Value(depth).Array[0, 4], s_space).Select((items, space) => "[" + space + string.Join(space + "," + space, items) + space + "]");

    private static Gen<string> Object(int depth) =>
        Gen.Select(Gen.Select(s_name, s_space, s_space, Value(depth)).Array[0, 12], s_space).Select((members, outer) =>
        {
            StringBuilder text = new StringBuilder("{").Append(outer);
            for (int i = 0; i < members.Length; i++)
            {
                (string name, string before, string after, string value) = members[i];
                text.Append(i == 0 ? "" : "," + outer).Append('"').Append(name).Append('"').Append(before).Append(':').Append(after).Append(value).Append(before);
            }

            return text.Append('}').ToString();
        });
}
