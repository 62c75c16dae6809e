namespace Vedette.Detection.Sigma;

/// <summary>A file of Sigma documents.</summary>
/// <param name="Name">Name for messages.</param>
/// <param name="Text">Its YAML text.</param>
public sealed record SigmaFile(string Name, string Text);
