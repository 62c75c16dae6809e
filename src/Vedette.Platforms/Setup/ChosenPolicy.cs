using System.Security.Cryptography;
using System.Text;
using Vedette.Policy.Loading;
using Vedette.Policy.Model;

namespace Vedette.Platforms.Setup;

/// <summary>The audit policy to install: linted, and without errors.</summary>
/// <param name="Name">Preset or file, as the user named it.</param>
/// <param name="Text">Its text, which is installed as it is.</param>
/// <param name="Policy">What kube-apiserver makes of it.</param>
public sealed record ChosenPolicy(string Name, string Text, AuditPolicy Policy)
{
    /// <summary>SHA-256 of the text in hexadecimal: stands where a change of the policy must restart something.</summary>
    public string Hash { get; } = HashOf(Text);

    /// <summary>Events that one request can make: its stages, without those that the policy leaves out everywhere. Long-running requests make one more.</summary>
    public int EventsPerRequest => Policy.OmitStages.Contains("RequestReceived") || Policy.Rules.All(rule => rule.Level == AuditLevel.None || rule.OmitStages.Contains("RequestReceived")) ? 1 : 2;

    /// <summary>SHA-256 of a policy's text.</summary>
    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>A policy that kube-apiserver takes.</summary>
    /// <exception cref="ArgumentException">kube-apiserver refuses it.</exception>
    public static ChosenPolicy Parse(string name, string text, KubernetesVersion version)
    {
        LoadedPolicy loaded = PolicyLoader.Load(name, Encoding.UTF8.GetBytes(text), version);
        return new ChosenPolicy(name, text, loaded.Policy ?? throw new ArgumentException(loaded.LoadError, nameof(text)));
    }
}
