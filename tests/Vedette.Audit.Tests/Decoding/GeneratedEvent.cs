using CsCheck;

namespace Vedette.Audit.Tests.Decoding;

/// <summary>
/// Random events as kube-apiserver writes them, with everything a client can choose chosen to look like the rest of an event, and with lengths that put quotes and escapes on
/// the edges of 64-byte blocks; and the same with one thing wrong.
/// </summary>
internal static class GeneratedEvent
{
    private static readonly Gen<string> s_text = Gen.Select(
        Gen.OneOf<string>(
            Gen.OneOf("", "pods", "get", "\\\"", "\\\\", "\\\\\\\"", "é", "\\u0022", "}", "{", "]", "[",
                "},\\\"responseObject\\\":{", ",\\\"requestReceivedTimestamp\\\":\\\"", "\\\",\\\"verb\\\":\\\"", "}}\\n", "\\\"}]}", ":\\\"{[,"),
            Gen.Char['a', 'z'].Array[0, 12].Select(chars => new string(chars))),
        Gen.Int[0, 140],
        Gen.Bool,
        (text, length, isPadded) => isPadded ? new string('x', length) + text : text);

    /// <summary>What only a client can send: names of members and delimiters of the event, as names, strings and structure.</summary>
    private static readonly Gen<string> s_body = Gen.OneOf<string>(
        GeneratedJson.Value(3).Where(json => json[0] is '{' or '['),
        Gen.Select(s_text, s_text).Select((name, text) => $$"""{"{{name}}":"{{text}}"}"""),
        Gen.OneOf(
            "{}", "[]", """[{"op":"add"}]""",
            """{"a":1,"responseObject":{"b":2}}""",
            """{"a":{"requestReceivedTimestamp":"x","stageTimestamp":"y"}}""",
            """{"a":{"requestReceivedTimestamp":"2026-01-01T00:00:00.000000Z","stageTimestamp":"2026-01-01T00:00:00.000000Z","annotations":{"a":"b"}}}""",
            """{"level":"Metadata","auditID":"x","stage":"y","requestURI":"/","verb":"get","user":{}}""",
            """{"text":"\",\"requestReceivedTimestamp\":\"","}":"}}","{":[[],{}]}""",
            """{"deep":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[{"}":"]"}]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}"""));

    private static readonly Gen<string> s_groups = s_text.Array[0, 3].Select(groups => string.Join(',', groups.Select(group => $"\"{group}\"")));

    private static readonly Gen<string> s_user = Gen.Select(s_text, s_text, s_groups, s_text, Gen.Int[0, 15], (name, uid, groups, extra, has) =>
        (has & 8) != 0 && (has & 7) == 0
            ? "{}"
            : "{\"username\":\"" + name + "\"" + If(has, 1, $",\"uid\":\"{uid}\"") + If(has, 2, $",\"groups\":[{groups}]")
                + If(has, 4, $",\"extra\":{{\"{extra}\":[{groups}]}}") + "}");

    private static readonly Gen<string> s_objectRef = Gen.Select(s_text.Array[8], Gen.Int[0, 255], (text, has) =>
        $"{{\"resource\":\"{text[0]}\"" + If(has, 1, $",\"namespace\":\"{text[1]}\"") + If(has, 2, $",\"name\":\"{text[2]}\"") + If(has, 4, $",\"uid\":\"{text[3]}\"")
        + If(has, 8, $",\"apiGroup\":\"{text[4]}\"") + If(has, 16, $",\"apiVersion\":\"{text[5]}\"") + If(has, 32, $",\"resourceVersion\":\"{text[6]}\"")
        + If(has, 64, $",\"subresource\":\"{text[7]}\"") + "}");

    private static readonly Gen<string> s_status = Gen.Select(s_text.Array[6], Gen.Int[0, 2047], Gen.Int[0, 999], (text, has, code) =>
        "{\"metadata\":" + (If(has, 1, "{\"a\":{\"b\":\"}\"}}") is { Length: > 0 } metadata ? metadata : "{}") + If(has, 2, $",\"status\":\"{text[0]}\"")
        + If(has, 4, $",\"message\":\"{text[1]}\"") + If(has, 8, $",\"reason\":\"{text[2]}\"")
        + If(has, 16, ",\"details\":{" + ((If(has, 32, $",\"name\":\"{text[3]}\"") + If(has, 64, $",\"group\":\"{text[4]}\"") + If(has, 128, $",\"kind\":\"{text[5]}\"")
            + If(has, 256, ",\"causes\":[{\"reason\":\"]\"}]") + If(has, 512, ",\"retryAfterSeconds\":1")) is { Length: > 0 } details ? details[1..] : "") + "}")
        + If(has, 1024, $",\"code\":{code}") + "}");

    private static readonly Gen<string> s_annotations = Gen.Select(
        Gen.Select(
            Gen.OneOf<string>(
                Gen.OneOf("authorization.k8s.io/decision", "authorization.k8s.io/reason", "audit.k8s.io/truncated", "authorization.k8s.io\\/decision", "a.b/c"), s_text),
            s_text).Array[0, 4],
        pairs => "{" + string.Join(',', pairs.Select(pair => $"\"{pair.Item1}\":\"{pair.Item2}\"")) + "}");

    private static readonly Gen<List<string>> s_members = Gen.Select(
        Gen.Select(s_text.Array[8], s_user, s_user, Gen.Int[0, 2047]),
        Gen.Select(s_objectRef, s_status, s_body, s_body, s_annotations, s_groups),
        (first, second) =>
        {
            (string[] text, string user, string impersonated, int has) = first;
            (string objectRef, string status, string request, string response, string annotations, string addresses) = second;
            string[] members =
            [
                If(has, 1, "\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\""), "\"level\":\"RequestResponse\"", $"\"auditID\":\"{text[0]}\"", $"\"stage\":\"{text[1]}\"",
                $"\"requestURI\":\"{text[2]}\"", $"\"verb\":\"{text[3]}\"", $"\"user\":{user}", If(has, 2, $"\"impersonatedUser\":{impersonated}"),
                If(has, 4, $"\"authenticationMetadata\":{{\"impersonationConstraint\":\"{text[7]}\"}}"), If(has, 8, $"\"sourceIPs\":[{addresses}]"),
                If(has, 16, $"\"userAgent\":\"{text[4]}\""), If(has, 32, $"\"objectRef\":{objectRef}"), If(has, 64, $"\"responseStatus\":{status}"),
                If(has, 128, $"\"requestObject\":{request}"), If(has, 256, $"\"responseObject\":{response}"),
                $"\"requestReceivedTimestamp\":\"{text[5]}\"", $"\"stageTimestamp\":\"{text[6]}\"", If(has, 512, $"\"annotations\":{annotations}"),
            ];
            return members.Where(member => member.Length > 0).ToList();
        });

    /// <summary>An event as kube-apiserver would write it.</summary>
    public static Gen<string> Written { get; } = s_members.Select(Joined);

    /// <summary>An event that nearly is: a member twice, gone, in another place, of another kind, with white space or something foreign beside it.</summary>
    public static Gen<string> Nearly { get; } = Gen.Select(s_members, Gen.Int[0, 7], Gen.Int[0, 17], Gen.Int[0, 17], (members, what, one, other) =>
    {
        one %= members.Count;
        other %= members.Count;
        switch (what)
        {
            case 0:
                members.Insert(other, members[one]);
                break;
            case 1:
                members.RemoveAt(one);
                break;
            case 2:
                (members[one], members[other]) = (members[other], members[one]);
                break;
            case 3:
                members[one] = members[one][..(members[one].IndexOf(':', StringComparison.Ordinal) + 1)] + "null";
                break;
            case 4:
                members[one] = " " + members[one];
                break;
            case 5:
                members[one] += ",\"a.b\":{\"verb\":\"delete\"}";
                break;
            case 6:
                return Joined(members) + " \r\n";
            default:
                return Joined(members) + "}";
        }

        return Joined(members);
    });

    private static string Joined(List<string> members) => "{" + string.Join(',', members) + "}";

    private static string If(int has, int bit, string member) => (has & bit) != 0 ? member : "";
}
