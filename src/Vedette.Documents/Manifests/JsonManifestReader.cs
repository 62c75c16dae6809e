using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Vedette.Documents.Manifests;

/// <summary>Reads JSON with positions. Members stay in order, duplicates included; texts that are not Unicode get U+FFFD, as in Go.</summary>
internal static class JsonManifestReader
{
    public static Manifest Read(ReadOnlySpan<byte> text)
    {
        if (text.Length > YamlManifestReader.MaxTextLength)
        {
            return Manifest.Failed($"the text has more than {YamlManifestReader.MaxTextLength} bytes", 0, 0);
        }

        // Go's decoder replaces what is not UTF-8; Utf8JsonReader would refuse it.
        byte[] valid = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text));
        Utf8JsonReader json = new(valid, new JsonReaderOptions { MaxDepth = YamlManifestReader.MaxDepth });
        Places places = new(valid);
        try
        {
            json.Read();
            ManifestNode root = ReadValue(ref json, ref places);
            return json.Read() ? Manifest.Failed("couldn't get version/kind; json parse error: something follows the top-level value", 0, 0) : new Manifest(root, null, [], 0);
        }
        catch (JsonException exception)
        {
            int line = (int)(exception.LineNumber ?? 0) + 1;
            return Manifest.Failed(
                "couldn't get version/kind; json parse error: this begins like JSON and is not: " + WithoutPlace(exception.Message), line, (int)(exception.BytePositionInLine ?? 0) + 1);
        }
    }

    private static ManifestNode ReadValue(ref Utf8JsonReader json, ref Places places)
    {
        (int line, int column) = places.Of((int)json.TokenStartIndex);
        switch (json.TokenType)
        {
            case JsonTokenType.StartObject:
                ImmutableArray<ManifestMember>.Builder members = ImmutableArray.CreateBuilder<ManifestMember>();
                while (json.Read() && json.TokenType != JsonTokenType.EndObject)
                {
                    string name = Text(ref json);
                    (int nameLine, int nameColumn) = places.Of((int)json.TokenStartIndex);
                    json.Read();
                    members.Add(new ManifestMember(name, ReadValue(ref json, ref places), nameLine, nameColumn));
                }

                return new ManifestMap(members.ToImmutable(), line, column);
            case JsonTokenType.StartArray:
                ImmutableArray<ManifestNode>.Builder items = ImmutableArray.CreateBuilder<ManifestNode>();
                while (json.Read() && json.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(ReadValue(ref json, ref places));
                }

                return new ManifestList(items.ToImmutable(), line, column);
            case JsonTokenType.String:
                return new ManifestText(Text(ref json), line, column);
            case JsonTokenType.Number:
                return new ManifestNumber(Encoding.UTF8.GetString(json.ValueSpan), line, column);
            case JsonTokenType.True or JsonTokenType.False:
                return new ManifestBoolean(json.TokenType == JsonTokenType.True, line, column);
            default:
                return new ManifestNull(line, column);
        }
    }

    /// <summary>A string or name; a lone surrogate escape becomes U+FFFD, where Utf8JsonReader would throw.</summary>
    private static string Text(ref Utf8JsonReader json)
    {
        string raw = Encoding.UTF8.GetString(json.ValueSpan);
        if (!json.ValueIsEscaped)
        {
            return raw;
        }

        StringBuilder text = new(raw.Length);
        for (int i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '\\')
            {
                text.Append(raw[i]);
                continue;
            }

            i++;
            text.Append(raw[i] switch
            {
                'b' => '\b',
                'f' => '\f',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => (char)ushort.Parse(raw.AsSpan((i += 4) - 3, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                char plain => plain,
            });
        }

        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static string WithoutPlace(string message)
    {
        int place = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return place < 0 ? message : message[..place];
    }

    /// <summary>Lines and columns of rising byte offsets.</summary>
    private ref struct Places(ReadOnlySpan<byte> text)
    {
        private readonly ReadOnlySpan<byte> _text = text;
        private int _at;
        private int _line = 1;
        private int _lineStart;

        public (int Line, int Column) Of(int offset)
        {
            for (int end; (end = _text[_at..offset].IndexOf((byte)'\n')) >= 0;)
            {
                _at += end + 1;
                _line++;
                _lineStart = _at;
            }

            _at = offset;
            return (_line, Rune(_text[_lineStart..offset]) + 1);
        }

        private static int Rune(ReadOnlySpan<byte> text) => Encoding.UTF8.GetCharCount(text);
    }
}
