namespace Vedette.Server.Hosting;

/// <summary>How many bytes of bodies may be dealt with at once, for the whole process. Threads may share it.</summary>
/// <param name="total">Bytes.</param>
public sealed class ByteBudget(long total)
{
    private long _used;

    /// <summary>Bytes in use.</summary>
    public long Used => Interlocked.Read(ref _used);

    /// <summary>A share that has nothing yet; dispose it to give back what it got.</summary>
    public Share Begin() => new(this);

    private bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _used, bytes) <= total)
        {
            return true;
        }

        Interlocked.Add(ref _used, -bytes);
        return false;
    }

    /// <summary>What one request uses.</summary>
    public sealed class Share(ByteBudget budget) : IDisposable
    {
        private long _taken;

        /// <summary>Takes more; false when others have all there is.</summary>
        public bool TryGrow(long bytes)
        {
            bool isTaken = budget.TryTake(bytes);
            _taken += isTaken ? bytes : 0;
            return isTaken;
        }

        /// <inheritdoc />
        public void Dispose()
        {
            Interlocked.Add(ref budget._used, -_taken);
            _taken = 0;
        }
    }
}
