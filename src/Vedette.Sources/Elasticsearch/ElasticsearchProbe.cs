namespace Vedette.Sources.Elasticsearch;

/// <summary>
/// What shippers ask of an Elasticsearch before they send: its version, its licence, whether templates, policies and pipelines are there. They are said to be, so that nobody tries to set them up; what is put is
/// acknowledged and not kept. Elasticsearch's clients go on only when the answer has <see cref="ProductHeader"/>.
/// </summary>
public static class ElasticsearchProbe
{
    /// <summary>The header by which clients know the product.</summary>
    public const string ProductHeader = "X-Elastic-Product";

    /// <summary>Its value.</summary>
    public const string Product = "Elasticsearch";

    /// <summary>The version that is spoken.</summary>
    public const string Version = "8.17.0";

    private const string Acknowledged = """{"acknowledged":true}""";

    /// <summary>The answer to a request that is not <c>_bulk</c>.</summary>
    /// <param name="method">Its method.</param>
    /// <param name="path">Its path below the base, without a slash at the beginning: empty for the root.</param>
    /// <returns>Status and body; HEAD has none.</returns>
    public static (int Status, string Body) Answer(string method, string path)
    {
        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (method is not ("GET" or "HEAD" or "PUT" or "POST"))
        {
            return (405, """{"error":{"type":"method_not_allowed","reason":"only what shippers need is answered here"},"status":405}""");
        }

        (int status, string body) = parts switch
        {
            [] => (200, Root),
            ["_license"] or ["_xpack", "license"] => (200, License),
            ["_xpack"] => (200, """{"license":{"type":"basic","mode":"basic","status":"active"},"features":{"ilm":{"available":true,"enabled":false},"security":{"available":true,"enabled":true}}}"""),
            ["_cluster", "health", ..] => (200, """{"cluster_name":"vedette","status":"green","timed_out":false,"number_of_nodes":1,"number_of_data_nodes":1}"""),
            ["_cat", "health", ..] => (200, "vedette green 1 1 0 0 0 0 0 0 - 100.0%\n"),
            ["_nodes", ..] => (200, """{"_nodes":{"total":0,"successful":0,"failed":0},"cluster_name":"vedette","nodes":{}}"""),
            ["_index_template" or "_template" or "_component_template" or "_alias" or "_data_stream" or "_ingest" or "_ilm", ..] => (200, method is "PUT" or "POST" ? Acknowledged : "{}"),
            [[not '_', ..]] => (200, method is "PUT" ? Acknowledged : "{}"),
            _ => (404, """{"error":{"type":"resource_not_found_exception","reason":"this is Vedette: _bulk is taken, and what shippers ask before it is answered"},"status":404}"""),
        };
        return (status, method == "HEAD" ? "" : body);
    }

    private const string Root = $$$"""
        {"name":"vedette","cluster_name":"vedette","cluster_uuid":"dmVkZXR0ZS1hdWRpdC1sb2c","version":{"number":"{{{Version}}}","build_flavor":"default","build_type":"vedette","build_hash":"0000000000000000000000000000000000000000","build_date":"2024-12-11T00:00:00.000000000Z","build_snapshot":false,"lucene_version":"9.12.0","minimum_wire_compatibility_version":"7.17.0","minimum_index_compatibility_version":"7.0.0"},"tagline":"You Know, for Search"}
        """;

    private const string License = """
        {"license":{"status":"active","uid":"00000000-0000-0000-0000-000000000000","type":"basic","issue_date":"2024-01-01T00:00:00.000Z","issue_date_in_millis":1704067200000,"max_nodes":1000,"issued_to":"vedette","issuer":"vedette","start_date_in_millis":-1}}
        """;
}
