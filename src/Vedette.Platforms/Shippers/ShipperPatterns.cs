using System.Text.RegularExpressions;

namespace Vedette.Platforms.Shippers;

/// <summary>What must stand in configurations of shippers, or must not. Comments are taken out first.</summary>
internal static partial class ShipperPatterns
{
    [GeneratedRegex(@"^[ \t]*#.*$|(?<=[ \t])#[ \t].*$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    public static partial Regex Comment();

    [GeneratedRegex(@"^sources:[\s\S]*type:\s*file", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    public static partial Regex VectorSource();

    [GeneratedRegex(@"max_line_bytes:\s*[1-9]\d{6,}", RegexOptions.CultureInvariant)]
    public static partial Regex MaxLineBytes();

    [GeneratedRegex(@"^data_dir:\s*\S", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    public static partial Regex DataDirectory();

    [GeneratedRegex(@"acknowledgements:\s*(\{\s*)?(enabled:\s*)?true", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    public static partial Regex Acknowledgements();

    [GeneratedRegex(@"^\[INPUT\]", RegexOptions.Multiline | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    public static partial Regex FluentBitSection();

    [GeneratedRegex(@"^\s*Buffer_Max_Size\s+([1-9]\d*M|[1-9]\d{6,})\b", RegexOptions.Multiline | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    public static partial Regex BufferMaxSize();

    [GeneratedRegex(@"^\s*DB\s+\S", RegexOptions.Multiline | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    public static partial Regex Database();

    [GeneratedRegex(@"^\s*Retry_Limit\s+(False|no_limits)\b", RegexOptions.Multiline | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    public static partial Regex RetryForever();

    [GeneratedRegex(@"^\s*Name\s+http\s*$", RegexOptions.Multiline | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    public static partial Regex HttpOutput();

    [GeneratedRegex(@"^\s*json_date_key\s+false\b", RegexOptions.Multiline | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    public static partial Regex DateKey();

    [GeneratedRegex("^<source>", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    public static partial Regex FluentdSource();

    [GeneratedRegex(@"^\s*pos_file\s+\S", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    public static partial Regex PositionFile();

    [GeneratedRegex(@"<buffer[^>]*>(?=[\s\S]*@type file)(?=[\s\S]*retry_forever true)", RegexOptions.CultureInvariant)]
    public static partial Regex FileBuffer();

    [GeneratedRegex(@"^\s*@type http\s*$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    public static partial Regex FluentdHttp();

    [GeneratedRegex(@"retryable_response_codes\s*\[[^\]]*429[^\]]*503", RegexOptions.CultureInvariant)]
    public static partial Regex RetryableCodes();

    [GeneratedRegex(@"^filebeat\.inputs:", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    public static partial Regex FilebeatInput();

    [GeneratedRegex(@"queue\.disk", RegexOptions.CultureInvariant)]
    public static partial Regex DiskQueue();

    [GeneratedRegex(@"^output\.(?!(elasticsearch|logstash|kafka|redis|file|console|discard)\b)[a-z]+:", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    public static partial Regex ForeignOutput();

    [GeneratedRegex(@"input\(\s*type=""imfile""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    public static partial Regex RsyslogInput();

    [GeneratedRegex(@"maxMessageSize=""([1-9]\d*m|[1-9]\d{6,})""", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    public static partial Regex MaxMessageSize();

    [GeneratedRegex(@"persistStateInterval=""[1-9]", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    public static partial Regex PersistInterval();

    [GeneratedRegex(@"(?=[\s\S]*queue\.filename=)(?=[\s\S]*resumeRetryCount=""-1"")", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    public static partial Regex DiskQueueOfRsyslog();

    [GeneratedRegex(@"http://(?!localhost|127\.)[^\s""']+", RegexOptions.CultureInvariant)]
    public static partial Regex PlainHttp();

    [GeneratedRegex(@"[A-Za-z0-9][A-Za-z0-9.-]*-[0-9]\b|[a-z0-9-]+(\.[a-z0-9-]+)+", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    public static partial Regex Word();
}
