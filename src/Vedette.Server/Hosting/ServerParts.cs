using System.Collections.Immutable;
using Vedette.Detection.Engine;
using Vedette.Server.Logging;
using Vedette.Storage.Files;

namespace Vedette.Server.Hosting;

/// <summary>What a server is built on, given to it by the program.</summary>
/// <param name="Version">Version of the program.</param>
/// <param name="Files">The disk.</param>
/// <param name="Time">Clock.</param>
/// <param name="Log">What is told to people who run it.</param>
/// <param name="Input">Standard input, for a source that reads it.</param>
/// <param name="Output">Where findings go that a receiver prints.</param>
/// <param name="LoadRules">Loads rules from files and directories, the pack when there are none; throws <see cref="InvalidDataException"/> with all complaints when they cannot be used.</param>
public sealed record ServerParts(string Version, IFileSystem Files, TimeProvider Time, IServerLog Log, Func<Stream> Input, Stream Output, Func<ImmutableArray<string>, LoadedRules> LoadRules);

/// <summary>Rules in use.</summary>
/// <param name="Compiled">The rules.</param>
/// <param name="Fingerprint">Tells other rules from these.</param>
public sealed record LoadedRules(CompiledRules Compiled, string Fingerprint);
