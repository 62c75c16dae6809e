using System.Text.Json;

namespace Vedette.Benchmarks.Work;

/// <summary>Reference: <see cref="Utf8JsonReader"/> in a single pass, the same 25 fields.</summary>
internal sealed class Utf8JsonWorker
{
    private byte[] _scratch = new byte[4096];

    /// <summary>Serves passes over a log.</summary>
    public static int Run(string log)
    {
        byte[] bytes = File.ReadAllBytes(log);
        Utf8JsonWorker worker = new();
        return Pass.Serve($"Utf8JsonReader .NET {Environment.Version}", () => worker.Read(bytes));
    }

    private (long Events, long Checksum, long Matches) Read(ReadOnlySpan<byte> log)
    {
        long events = 0;
        long checksum = 0;
        while (!log.IsEmpty)
        {
            int end = log.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? log : log[..end];
            log = end < 0 ? default : log[(end + 1)..];
            Utf8JsonReader reader = new(line);
            reader.Read();
            checksum += Event(ref reader);
            events++;
        }

        return (events, checksum, 0);
    }

    private long Event(ref Utf8JsonReader reader)
    {
        long sum = 0;
        while (NextMember(ref reader))
        {
            if (reader.ValueTextEquals("auditID"u8) || reader.ValueTextEquals("stage"u8) || reader.ValueTextEquals("level"u8) || reader.ValueTextEquals("verb"u8)
                || reader.ValueTextEquals("userAgent"u8) || reader.ValueTextEquals("requestURI"u8) || reader.ValueTextEquals("requestReceivedTimestamp"u8)
                || reader.ValueTextEquals("stageTimestamp"u8))
            {
                sum += TakeText(ref reader);
            }
            else if (reader.ValueTextEquals("user"u8))
            {
                sum += User(ref reader);
            }
            else if (reader.ValueTextEquals("impersonatedUser"u8))
            {
                sum += Members(ref reader, "username"u8);
            }
            else if (reader.ValueTextEquals("sourceIPs"u8))
            {
                sum += TakeTexts(ref reader);
            }
            else if (reader.ValueTextEquals("objectRef"u8))
            {
                sum += ObjectRef(ref reader);
            }
            else if (reader.ValueTextEquals("responseStatus"u8))
            {
                sum += Status(ref reader);
            }
            else if (reader.ValueTextEquals("annotations"u8))
            {
                sum += Annotations(ref reader);
            }
            else if (reader.ValueTextEquals("requestObject"u8))
            {
                sum += Request(ref reader);
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        return sum;
    }

    private long User(ref Utf8JsonReader reader)
    {
        long sum = 0;
        if (!EnterObject(ref reader))
        {
            return 0;
        }

        while (NextMember(ref reader))
        {
            if (reader.ValueTextEquals("username"u8))
            {
                sum += TakeText(ref reader);
            }
            else if (reader.ValueTextEquals("groups"u8))
            {
                sum += TakeTexts(ref reader);
            }
            else if (reader.ValueTextEquals("extra"u8))
            {
                bool inside = EnterObject(ref reader);
                while (inside && NextMember(ref reader))
                {
                    sum += TakeTexts(ref reader);
                }
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        return sum;
    }

    private long ObjectRef(ref Utf8JsonReader reader)
    {
        long sum = 0;
        if (!EnterObject(ref reader))
        {
            return 0;
        }

        while (NextMember(ref reader))
        {
            if (reader.ValueTextEquals("resource"u8) || reader.ValueTextEquals("namespace"u8) || reader.ValueTextEquals("name"u8)
                || reader.ValueTextEquals("apiGroup"u8) || reader.ValueTextEquals("apiVersion"u8) || reader.ValueTextEquals("subresource"u8))
            {
                sum += TakeText(ref reader);
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        return sum;
    }

    private static long Status(ref Utf8JsonReader reader)
    {
        long sum = 0;
        if (!EnterObject(ref reader))
        {
            return 0;
        }

        while (NextMember(ref reader))
        {
            bool isCode = reader.ValueTextEquals("code"u8);
            SkipValue(ref reader);
            if (isCode && reader.TokenType == JsonTokenType.Number)
            {
                sum += reader.GetInt64();
            }
        }

        return sum;
    }

    private long Annotations(ref Utf8JsonReader reader)
    {
        long sum = 0;
        if (!EnterObject(ref reader))
        {
            return 0;
        }

        while (NextMember(ref reader))
        {
            if (reader.ValueTextEquals("authorization.k8s.io/decision"u8) || reader.ValueTextEquals("authorization.k8s.io/reason"u8))
            {
                sum += TakeText(ref reader);
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        return sum;
    }

    private long Request(ref Utf8JsonReader reader)
    {
        long sum = 0;
        if (!EnterObject(ref reader))
        {
            return 0;
        }

        while (NextMember(ref reader))
        {
            if (reader.ValueTextEquals("spec"u8))
            {
                sum += Spec(ref reader, mayHaveTemplate: true);
            }
            else if (reader.ValueTextEquals("roleRef"u8))
            {
                sum += Members(ref reader, "name"u8);
            }
            else if (reader.ValueTextEquals("subjects"u8))
            {
                bool inside = EnterArray(ref reader);
                while (inside && NextElement(ref reader))
                {
                    sum += MembersHere(ref reader, "name"u8);
                }
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        return sum;
    }

    private long Spec(ref Utf8JsonReader reader, bool mayHaveTemplate)
    {
        long sum = 0;
        if (!EnterObject(ref reader))
        {
            return 0;
        }

        while (NextMember(ref reader))
        {
            if (reader.ValueTextEquals("containers"u8) || reader.ValueTextEquals("initContainers"u8))
            {
                bool inside = EnterArray(ref reader);
                while (inside && NextElement(ref reader))
                {
                    sum += Container(ref reader);
                }
            }
            else if (reader.ValueTextEquals("hostNetwork"u8))
            {
                SkipValue(ref reader);
                sum += reader.TokenType == JsonTokenType.True ? 1 : 0;
            }
            else if (reader.ValueTextEquals("volumes"u8))
            {
                bool inside = EnterArray(ref reader);
                while (inside && NextElement(ref reader))
                {
                    sum += Volume(ref reader);
                }
            }
            else if (mayHaveTemplate && reader.ValueTextEquals("template"u8))
            {
                bool inside = EnterObject(ref reader);
                while (inside && NextMember(ref reader))
                {
                    if (reader.ValueTextEquals("spec"u8))
                    {
                        sum += Spec(ref reader, mayHaveTemplate: false);
                    }
                    else
                    {
                        SkipValue(ref reader);
                    }
                }
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        return sum;
    }

    private long Container(ref Utf8JsonReader reader)
    {
        long sum = 0;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return 0;
        }

        while (NextMember(ref reader))
        {
            if (reader.ValueTextEquals("image"u8))
            {
                sum += TakeText(ref reader);
            }
            else if (reader.ValueTextEquals("securityContext"u8))
            {
                bool inside = EnterObject(ref reader);
                while (inside && NextMember(ref reader))
                {
                    bool isPrivileged = reader.ValueTextEquals("privileged"u8);
                    SkipValue(ref reader);
                    sum += isPrivileged && reader.TokenType == JsonTokenType.True ? 1 : 0;
                }
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        return sum;
    }

    private long Volume(ref Utf8JsonReader reader)
    {
        long sum = 0;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return 0;
        }

        while (NextMember(ref reader))
        {
            if (reader.ValueTextEquals("hostPath"u8))
            {
                sum += Members(ref reader, "path"u8);
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        return sum;
    }

    /// <summary>The texts of all members with this name of the object that follows.</summary>
    private long Members(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        reader.Read();
        return MembersHere(ref reader, name);
    }

    private long MembersHere(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        long sum = 0;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return 0;
        }

        while (NextMember(ref reader))
        {
            if (reader.ValueTextEquals(name))
            {
                sum += TakeText(ref reader);
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        return sum;
    }

    private static bool NextMember(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    private static bool NextElement(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType != JsonTokenType.EndArray;

    private static bool EnterObject(ref Utf8JsonReader reader) => Enter(ref reader, JsonTokenType.StartObject);

    private static bool EnterArray(ref Utf8JsonReader reader) => Enter(ref reader, JsonTokenType.StartArray);

    // Steps onto the value; skips it when it is not what is looked for.
    private static bool Enter(ref Utf8JsonReader reader, JsonTokenType start)
    {
        reader.Read();
        if (reader.TokenType == start)
        {
            return true;
        }

        reader.Skip();
        return false;
    }

    private static void SkipValue(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.PropertyName)
        {
            reader.Read();
            reader.Skip();
        }
    }

    private long TakeTexts(ref Utf8JsonReader reader)
    {
        long sum = 0;
        if (EnterArray(ref reader))
        {
            while (NextElement(ref reader))
            {
                sum += Length(ref reader);
                reader.Skip();
            }
        }

        return sum;
    }

    private long TakeText(ref Utf8JsonReader reader)
    {
        reader.Read();
        long length = Length(ref reader);
        reader.Skip();
        return length;
    }

    private long Length(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            return 0;
        }

        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan.Length;
        }

        if (_scratch.Length < reader.ValueSpan.Length)
        {
            _scratch = new byte[reader.ValueSpan.Length * 2];
        }

        return reader.CopyString(_scratch);
    }
}
