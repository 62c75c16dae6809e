using System.Text;

namespace Vedette.Acceptance;

/// <summary>A folder of one test, and the events and rules tests write into it.</summary>
internal sealed class Workspace : IDisposable
{
    /// <summary>A rule that fires, with level high, on every read of a Secret.</summary>
    public const string SecretRule = """
        title: Secret read
        id: 6b1c3b3e-0000-4000-8000-000000000001
        logsource: {product: kubernetes, service: audit}
        detection: {read: {verb: get, objectRef.resource: secrets}, condition: read}
        level: high
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("vedette-acceptance-").FullName;

    /// <summary>Path of a file in the folder.</summary>
    public string this[string name] => Path.Combine(_folder, name);

    /// <summary>One audit event and a line feed.</summary>
    public static string Event(string id = "1", string verb = "get", string user = "alice", string name = "db") =>
        $$$"""{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"{{{id}}}","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/prod/secrets/{{{name}}}","verb":"{{{verb}}}","user":{"username":"{{{user}}}","groups":["developers"]},"sourceIPs":["203.0.113.9"],"userAgent":"kubectl/v1.36.0","objectRef":{"resource":"secrets","namespace":"prod","name":"{{{name}}}","apiVersion":"v1"},"responseStatus":{"metadata":{},"code":200},"requestReceivedTimestamp":"2026-11-23T10:00:00.000000Z","stageTimestamp":"2026-11-23T10:00:00.500000Z","annotations":{"authorization.k8s.io/decision":"allow"}}""" + "\n";

    /// <summary>Writes a file and gives its path.</summary>
    public string Write(string name, string text)
    {
        File.WriteAllText(this[name], text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        return this[name];
    }

    /// <summary>Writes a file and gives its path.</summary>
    public string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(this[name], bytes);
        return this[name];
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
