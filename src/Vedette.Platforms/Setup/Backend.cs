namespace Vedette.Platforms.Setup;

/// <summary>Where kube-apiserver puts events.</summary>
[Flags]
public enum Backend
{
    /// <summary>A log file on the node.</summary>
    Log = 1,

    /// <summary>HTTPS posts to Vedette.</summary>
    Webhook = 2,

    /// <summary>Both at once.</summary>
    Both = Log | Webhook,
}
