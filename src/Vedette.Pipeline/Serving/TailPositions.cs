using Vedette.Sources.Tailing;
using Vedette.Storage.Stores;

namespace Vedette.Pipeline.Serving;

/// <summary>Keeps how far files were read among the snapshots of a store, as <c>tail:NAME</c>.</summary>
/// <param name="snapshots">The snapshots.</param>
public sealed class TailPositions(Snapshots snapshots) : ITailPositions
{
    /// <inheritdoc />
    public ReadOnlyMemory<byte>? Load(string name) => snapshots.Load("tail:" + name)?.State;

    /// <inheritdoc />
    public void Save(string name, ReadOnlySpan<byte> state) => snapshots.Save("tail:" + name, 0, state);
}
