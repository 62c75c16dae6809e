using System.Text;

namespace Vedette.Audit.Tests.Redaction;

/// <summary>Makes events whose bodies hold secrets, in every shape that bodies have.</summary>
internal sealed class SecretBodies(Random random)
{
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    private int _copies;

    /// <summary>An event, its members in kube-apiserver's order or in any.</summary>
    public (string, object)[] Event()
    {
        bool isSecret = random.Next(4) > 0;
        (string, object)[] members =
        [
            ("kind", "Event"), ("apiVersion", "audit.k8s.io/v1"), ("level", "RequestResponse"), ("auditID", Word()), ("stage", "ResponseComplete"), ("requestURI", "/api/v1/namespaces/n/" + Word()),
            ("verb", "patch"), ("user", Object(("username", Word()))), ("sourceIPs", new object[] { "10.0.0.1" }), ("userAgent", Word()),
            isSecret
                ? ("objectRef", Object(("resource", "secrets"), ("namespace", "n"), ("name", Word()), ("apiVersion", "v1")))
                : ("objectRef", Object(("resource", "bundles"), ("namespace", "n"), ("name", Word()), ("apiGroup", "example.com"), ("apiVersion", "v1"))),
            ("responseStatus", Object(("metadata", Object()), ("code", 200))),
            ("requestObject", isSecret ? Body() : Object(("spec", Object(("manifests", new[] { SecretObject(), Object(("kind", "ConfigMap"), ("data", Object(("key", Word())))) }))))),
            ("responseObject", isSecret ? Body() : Object(("kind", "Bundle"), ("data", Object(("key", Word()))))),
            ("requestReceivedTimestamp", "2026-11-25T10:00:00.000000Z"), ("stageTimestamp", "2026-11-25T10:00:00.100000Z"),
        ];
        if (random.Next(3) == 0)
        {
            random.Shuffle(members);
        }

        // Of members that are there twice, one reader takes the first and another the last.
        return random.Next(4) == 0 ? [.. members, ("requestObject", isSecret ? Body() : SecretObject())] : members;
    }

    private object Body() => random.Next(8) switch
    {
        0 => Object(("kind", "SecretList"), ("apiVersion", "v1"), ("metadata", Object()), ("items", Several(SecretObject))),
        1 => Object(
            ("kind", "Table"), ("columnDefinitions", Several(() => Object(("name", Word())))),
            ("rows", Several(() => Object(("cells", new object[] { Word(), "Opaque", 2 }), ("object", SecretObject()))))),
        2 => Object(("type", "ADDED"), ("object", SecretObject())),
        3 => MergePatch(),
        4 => Several(Operation),
        5 => Object(("kind", "Status"), ("status", "Failure"), ("message", Word()), ("code", 404)),
        6 => Object(("kind", "List"), ("items", Several(SecretObject))),
        _ => SecretObject(),
    };

    private (string, object)[] SecretObject() => Shuffled(
        [("kind", random.Next(5) == 0 ? "secret" : "Secret"), ("apiVersion", "v1"), ("metadata", Metadata()), ("type", Word()), ("immutable", "true"), .. Data()]);

    private (string, object)[] MergePatch() => Shuffled([("metadata", Metadata()), .. Data(), ("$retainKeys", new object[] { "data" })]);

    private object Operation()
    {
        (string Path, Func<object> Value) target = random.Next(7) switch
        {
            0 => ("/data/" + Word(), () => Encoded()),
            1 => ("/stringData/" + Word() + "~1x", () => Plain()),
            2 => ("/data", () => Map(Encoded)),
            3 => ("/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration", () => new Copy(SecretObject())),
            4 => ("/metadata/labels/" + Word(), () => Word()),
            5 => ("", () => SecretObject()),
            _ => ("/metadata", () => Metadata()),
        };
        return Shuffled([("op", new[] { "add", "replace", "test" }[random.Next(3)]), ("path", target.Path), ("value", target.Value())]);
    }

    private IEnumerable<(string, object)> Data()
    {
        for (int i = random.Next(3); i >= 0; i--)
        {
            yield return random.Next(3) switch
            {
                0 => ("stringData", Map(() => random.Next(6) == 0 ? Number() : Plain())),
                1 => (random.Next(4) == 0 ? "Data" : "data", Map(Encoded)),
                _ => ("data", random.Next(8) == 0 ? Structure(isMap: false) : Map(() => random.Next(6) == 0 ? Structure() : Encoded())),
            };
        }
    }

    private (string, object)[] Metadata() => Shuffled(
    [
        ("name", Word()), ("namespace", "n"), ("labels", Object(("data", Word()), ("stringData", Word()))),
        .. random.Next(2) == 0 && _copies++ < 4 ? [("annotations", Object((LastApplied, new Copy(SecretObject())), ("note", Word()), ("data", Word())))] : Array.Empty<(string, object)>(),
        ("managedFields", new object[] { Object(("fieldsV1", Object(("f:data", Object(("f:password", Object())))))) }),
    ]);

    private (string, object)[] Map(Func<object> value)
    {
        (string, object)[] members = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => (Word(), value()))];
        return random.Next(3) == 0 ? [.. members, (members[0].Item1, value())] : members;
    }

    private Secret Plain()
    {
        string text = SecretWord();
        return new Secret(text, IsString: true, text);
    }

    private Secret Encoded()
    {
        string text = SecretWord();
        return new Secret(Convert.ToBase64String(Encoding.UTF8.GetBytes(text)), IsString: true, text);
    }

    private Secret Number()
    {
        string text = $"{random.Next(1000, 9999)}";
        return new Secret(text, IsString: false, text);
    }

    private Secret Structure(bool isMap = true)
    {
        string text = new[] { """{"inner":{"secret":"s3cr3t"}}""", """["s3cr3t",{"a":"b"}]""", "true" }[random.Next(isMap ? 0 : 1, 3)];
        return new Secret(text, IsString: false, text);
    }

    private string SecretWord() => "hunter" + random.Next(20) + new[] { "", "\"", "\\", "\n ü", "€😀" }[random.Next(5)];

    private string Word() => string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => "abc-.x/\\\"é"[random.Next(10)]));

    private object[] Several(Func<object> make) => [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => make())];

    private (string, object)[] Shuffled((string, object)[] members)
    {
        if (random.Next(2) == 0)
        {
            random.Shuffle(members);
        }

        return members;
    }

    private static (string, object)[] Object(params (string, object)[] members) => members;
}
