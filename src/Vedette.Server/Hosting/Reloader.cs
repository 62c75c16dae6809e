using System.Globalization;
using Vedette.Documents;
using Vedette.Documents.Settings;
using Vedette.Server.Settings;

namespace Vedette.Server.Hosting;

/// <summary>
/// Loads settings, rules, routes and certificates again: when told to, and when one of their files has changed. Only what is right as a whole is taken; else the last good stays, and why is said.
/// </summary>
/// <param name="server">The server.</param>
/// <param name="certificates">Its certificates; null for plain HTTP.</param>
/// <param name="files">Other files that the settings in use were read from.</param>
/// <param name="read">Reads the settings.</param>
public sealed class Reloader(RunningServer server, Certificates? certificates, IReadOnlyCollection<string> files, Func<(ServerSettings Settings, SettingsContext Context)> read) : IDisposable
{
    /// <summary>How often files are looked at.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    /// <summary>Most files looked at.</summary>
    public const int MaxFiles = 10_000;

    private readonly SemaphoreSlim _one = new(1, 1);
    private IReadOnlyCollection<string> _files = files;
    private string _seen = "";

    /// <summary>Follows the files until it is ended.</summary>
    public async Task FollowAsync(CancellationToken cancellation)
    {
        _seen = Look();
        using PeriodicTimer timer = new(LookEvery, server.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation))
            {
                string now = Look();
                if (now != _seen)
                {
                    _seen = now;
                    await ReloadAsync(cancellation);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The server ends.
        }
    }

    /// <summary>Loads everything again.</summary>
    /// <returns>Why the last good stays; null when the new is in use.</returns>
    public async Task<string?> ReloadAsync(CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            string? problem = await TryReloadAsync(cancellation);
            server.Metrics.SettingsReloaded(problem is null, server.Time.GetUtcNow());
            if (problem is null)
            {
                server.Log.Information("settings loaded");
            }
            else
            {
                server.Log.Error("the new settings cannot be used; those in use stay", ("problem", problem));
            }

            return problem;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _one.Dispose();

    private async Task<string?> TryReloadAsync(CancellationToken cancellation)
    {
        try
        {
            (ServerSettings settings, SettingsContext context) = read();
            _files = context.Files;
            Diagnostic[] errors = [.. context.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)];
            if (errors.Length > 0)
            {
                return string.Join('\n', errors.Select(error => error.ToString()));
            }

            if (settings.Tls is { } tls)
            {
                Certificates.Check(tls);
            }

            await server.ReplaceAsync(settings, cancellation);
            if (settings.Tls is { } files && certificates is not null)
            {
                certificates.Reload(files);
                if (PrivateKeyFile.Warning(files.Key) is { } warning)
                {
                    server.Log.Warning("the private key is not private", ("detail", warning));
                }
            }

            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return exception.Message;
        }
    }

    /// <summary>What would change if a file did.</summary>
    private string Look()
    {
        ServerSettings settings = server.Settings;
        IEnumerable<string> looked = _files.Concat(settings.Rules.SelectMany(Below));
        looked = settings.File is { } file ? looked.Append(Path.GetFullPath(file)) : looked;
        looked = settings.Tls is { } tls ? looked.Append(tls.Certificate).Append(tls.Key).Append(tls.ClientCa ?? tls.Key) : looked;
        return string.Join('\n', looked.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(MaxFiles).Select(Look));
    }

    private static string Look(string path)
    {
        try
        {
            // A mounted Secret is a link to a directory that is replaced as a whole: what it leads to is looked at.
            FileInfo found = new(path);
            FileSystemInfo target = found.Exists ? found.ResolveLinkTarget(returnFinalTarget: true) ?? found : found;
            return target.Exists ? string.Create(CultureInfo.InvariantCulture, $"{path} {target.FullName} {target.LastWriteTimeUtc.Ticks} {(target as FileInfo)?.Length}") : path;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // As if it were not there; when it can be looked at again, that is a change.
            return path;
        }
    }

    private static IEnumerable<string> Below(string path)
    {
        try
        {
            return Directory.Exists(path) ? [.. Directory.EnumerateFiles(path, "*.y*ml", SearchOption.AllDirectories).Take(MaxFiles)] : [path];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [path];
        }
    }
}
