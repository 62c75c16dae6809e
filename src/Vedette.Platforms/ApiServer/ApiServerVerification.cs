using Vedette.Platforms.Setup;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.ApiServer;

/// <summary>Everything that is verified about a kube-apiserver of one's own.</summary>
internal static class ApiServerVerification
{
    /// <summary>Verifies.</summary>
    /// <param name="observed">What it gets.</param>
    /// <param name="node">Files of its node.</param>
    /// <param name="configText">The text of the configuration.</param>
    /// <param name="request">What to verify.</param>
    /// <param name="verdict">Takes the answers.</param>
    public static void Run(ObservedApiServer observed, NodeFiles node, string configText, VerifyRequest request, Verdict verdict)
    {
        verdict.Ok(ApiServerChecks.Readable, new Place(observed.File), "read");
        FlagVerification.Run(observed, request, verdict);
        MountVerification.Run(observed, verdict);
        PolicyVerification.Run(observed, node, request, verdict);
        WebhookVerification.Run(observed, node, request, verdict);
        NodeVerification.Run(observed, node, request, verdict);
        LogVerification.Run(observed, node, request, verdict);
        MetricsVerification.Run(request, verdict);
        FilledIn(observed.File, configText, verdict);
    }

    /// <summary>Looks for values that are still to be filled in.</summary>
    public static void FilledIn(string file, string text, Verdict verdict)
    {
        int line = 0;
        foreach (string content in text.Split('\n'))
        {
            line++;
            int column = content.IndexOf(SetupOutput.Marker, StringComparison.Ordinal);
            if (column >= 0)
            {
                string name = string.Concat(content[column..].TakeWhile(c => char.IsAsciiLetterOrDigit(c) || c == '_'));
                verdict.CannotTell(ApiServerChecks.FilledIn, new Place(file, line, column + 1), $"{name} is still to be filled in", "see 'Fill in first' in STEPS.md");
            }
        }
    }
}
