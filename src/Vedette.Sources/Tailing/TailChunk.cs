using Vedette.Audit.Batches;

namespace Vedette.Sources.Tailing;

/// <summary>Whole lines of one file, to be made durable. Good until the handler returns; the same chunk is offered again, with the same bytes, when it could not be stored.</summary>
/// <param name="Source">Name of the source.</param>
/// <param name="Cluster">Name of the cluster that the source is of.</param>
/// <param name="Path">The file, by the name it had when it was read.</param>
/// <param name="Batch">The bytes, as the batch's input; no events are marked in it. The handler may mark some.</param>
/// <param name="Position">Bytes of the file that are done with once this is durable; plain bytes, for a compressed file.</param>
/// <param name="IsTooLong">
/// True when the bytes are only the beginning of a line longer than <see cref="FileTail.MaxLineLength"/>, whose rest is passed over: a reject, not to be read as events.
/// </param>
public sealed record TailChunk(string Source, string Cluster, string Path, EventBatch Batch, long Position, bool IsTooLong);

/// <summary>Takes a chunk.</summary>
/// <param name="chunk">The chunk.</param>
/// <param name="cancellation">Ends the attempt.</param>
/// <returns>True when all of it is durable; false when it could not be stored now and should be offered again.</returns>
public delegate ValueTask<bool> TailHandler(TailChunk chunk, CancellationToken cancellation);
