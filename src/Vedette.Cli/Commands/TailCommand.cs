using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Vedette.Cli.Output;
using Vedette.Server.Hosting;
using Vedette.Server.Settings;

namespace Vedette.Cli.Commands;

/// <summary><c>vedette tail</c>: findings of a server as they come.</summary>
internal static class TailCommand
{
    /// <summary>What the command is called.</summary>
    public const string Name = "tail";

    private const string Data = "data: ";
    private const string Id = "id: ";
    private const string Kind = "event: ";

    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(2);

    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal)
    {
        Option<string> server = new("--server") { Description = "The server.", DefaultValueFactory = _ => "http://127.0.0.1:8080", HelpName = "URL" };
        server.Validators.Add(given =>
        {
            if (!Uri.TryCreate(given.GetValueOrDefault<string>(), UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https"))
            {
                given.AddError("--server is an address such as https://vedette.example:8443");
            }
        });
        Option<string?> token = new("--token-file") { Description = $"File with a token; {ServerSettings.DefaultData}.token, or the variable VEDETTE_TOKEN, unless given.", HelpName = "FILE" };
        Option<string?> ca = new("--ca") { Description = "PEM file with the authority of the server's certificate; the system's unless given.", HelpName = "FILE" };
        Option<bool> events = new("--events") { Description = "Events instead of findings." };
        Option<string?> cluster = new("--cluster") { Description = "Of this cluster only.", HelpName = "NAME" };
        Option<long?> from = new("--from") { Description = "Begin at this sequence; 0 for everything there is. Only what is new unless given.", HelpName = "SEQUENCE" };
        Option<string?> output = new("--output", "-o") { Description = "table or jsonl; jsonl into a pipe unless given.", HelpName = "FORMAT" };
        output.AcceptOnlyFromAmong("table", "jsonl");
        Command command = new ExampleCommand(
            Name, "Print findings of a server as they come.",
            """
            vedette tail
            vedette tail --server https://vedette.example:8443 --token-file token --from 0
            vedette tail --events -o jsonl | jq .verb
            """)
        {
            server, token, ca, events, cluster, from, output,
        };
        command.SetAction(async (result, cancellation) =>
        {
            bool isTable = !result.GetValue(events) && (result.GetValue(output) ?? (Terminal.Width is null ? "jsonl" : "table")) == "table";
            try
            {
                using HttpClient client = Client(result.GetValue(ca), TokenOf(result.GetValue(token)));
                string what = result.GetValue(events) ? "events" : "findings";
                string query = $"?what={what}{(result.GetValue(cluster) is { } name ? $"&cluster={Uri.EscapeDataString(name)}" : "")}";
                Uri address = new(new Uri(result.GetValue(server)!), "/api/v1/tail" + query);
                return await FollowAsync(terminal, client, address, result.GetValue(from), isTable, cancellation);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                return CommandLine.Fail(terminal, ExitCode.Failed, exception.Message);
            }
        });
        return command;
    }

    private static string TokenOf(string? file) =>
        file is null && Environment.GetEnvironmentVariable("VEDETTE_TOKEN") is { Length: > 0 } variable ? variable : File.ReadAllText(file ?? AdminToken.PathOf(ServerSettings.DefaultData)).Trim();

    private static HttpClient Client(string? ca, string token)
    {
        SocketsHttpHandler handler = new() { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(10) };
        if (ca is not null)
        {
            X509Certificate2Collection authorities = [];
            authorities.ImportFromPemFile(ca);
            X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(authorities);
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        }

        HttpClient client = new(handler) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>Follows, and goes on where a connection broke.</summary>
    private static async Task<int> FollowAsync(Terminal terminal, HttpClient client, Uri address, long? from, bool isTable, CancellationToken cancellation)
    {
        bool wasConnected = false;
        while (true)
        {
            try
            {
                using HttpRequestMessage request = new(HttpMethod.Get, from is { } sequence ? new Uri($"{address}&from={sequence}") : address);
                using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
                if (!response.IsSuccessStatusCode)
                {
                    return CommandLine.Fail(terminal, ExitCode.Failed, $"{address.GetLeftPart(UriPartial.Authority)} answered {(int)response.StatusCode} {response.ReasonPhrase}");
                }

                wasConnected = true;
                bool isUpdate = false;
                using StreamReader reader = new(await response.Content.ReadAsStreamAsync(cancellation));
                while (await reader.ReadLineAsync(cancellation) is { } line)
                {
                    if (line.StartsWith(Kind, StringComparison.Ordinal))
                    {
                        isUpdate = line == Kind + "update";
                    }
                    else if (line.StartsWith(Id, StringComparison.Ordinal) && long.TryParse(line.AsSpan(Id.Length), out long id))
                    {
                        from = id + 1;
                    }
                    else if (line.StartsWith(Data, StringComparison.Ordinal))
                    {
                        terminal.Out.WriteLine(isTable ? RowOf(line[Data.Length..], isUpdate) : line[Data.Length..]);
                        terminal.Out.Flush();
                        terminal.Data.Flush();
                    }
                }
            }
            catch (OperationCanceledException)
            {
                return ExitCode.Done;
            }
            catch (HttpRequestException exception) when (!wasConnected)
            {
                return CommandLine.Fail(terminal, ExitCode.Failed, $"{address.GetLeftPart(UriPartial.Authority)}: {exception.Message}; is 'vedette serve' running there?");
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                terminal.Error.WriteLine($"vedette: the connection broke ({exception.Message}); trying again");
            }

            await Task.Delay(s_again, cancellation);
        }
    }

    private static string RowOf(string json, bool isUpdate)
    {
        using JsonDocument finding = JsonDocument.Parse(json);
        JsonElement root = finding.RootElement;
        string? level = root.GetProperty("rule").GetProperty("level").GetString();
        int count = root.GetProperty("count").GetInt32();
        string again = !isUpdate ? "" : count == 1 ? " (told before; complete now)" : string.Create(CultureInfo.InvariantCulture, $" (told before; {count} times now)");
        return TerminalText.Escape($"{root.GetProperty("time").GetString(),-27} {level,-13} {root.GetProperty("rule").GetProperty("title").GetString()}: {root.GetProperty("message").GetString()}{again}");
    }
}
