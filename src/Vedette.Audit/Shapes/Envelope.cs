using Vedette.Audit.Json;

namespace Vedette.Audit.Shapes;

/// <summary>What an envelope gives its contents to.</summary>
internal interface IUnwrapped
{
    /// <summary>A JSON value that stands inside the envelope's own bytes.</summary>
    void Inside(JsonValue value);

    /// <summary>Text that was encoded in the envelope.</summary>
    /// <param name="text">The text, owned by the receiver from now on.</param>
    /// <param name="isMessage">True for one line of a log that may be about anything: what is no event there is another log's, not broken.</param>
    void Decoded(byte[] text, bool isMessage);

    /// <summary>An event built from a provider's record.</summary>
    void Built(ReadOnlySpan<byte> json);

    /// <summary>A part that gives nothing.</summary>
    void Rejected(RejectReason reason, ReadOnlySpan<byte> content);
}

/// <summary>The envelopes that cloud providers and kube-apiserver's webhook put around audit events, recognised by their members.</summary>
internal static class Envelope
{
    /// <summary>Unwraps an object; false when it is no envelope that is known.</summary>
    public static bool TryUnwrap(JsonValue root, IUnwrapped into) =>
        EventList.TryUnwrap(root, into) || CloudWatch.TryUnwrap(root, into) || GoogleCloud.TryUnwrap(root, into) || AzureMonitor.TryUnwrap(root, into);
}
