namespace Vedette.Detection.Stateful;

/// <summary>Bytes that several holders share. One thread.</summary>
/// <param name="limit">Most bytes.</param>
public sealed class MemoryShare(long limit)
{
    /// <summary>Who has most is looked up again after so much was given up: there may be tens of thousands of holders.</summary>
    private const int GivenUpBeforeLook = 256;

    private readonly List<MemoryAccount> _accounts = [];
    private MemoryAccount? _largest;
    private int _left;

    /// <summary>Most bytes.</summary>
    public long Limit => limit;

    /// <summary>Bytes in use.</summary>
    public long Used
    {
        get;
        internal set => (field, Most) = (value, Math.Max(Most, value));
    }

    /// <summary>Most bytes that were in use since it was set.</summary>
    internal long Most { get; set; }

    /// <summary>Takes in a holder.</summary>
    /// <param name="giveUp">Gives up what the holder would miss least; false when there is nothing that it can give up.</param>
    internal MemoryAccount Open(Func<bool> giveUp)
    {
        MemoryAccount account = new(this, giveUp);
        _accounts.Add(account);
        return account;
    }

    /// <summary>Lets those who have most give up until all is within the limit.</summary>
    internal void MakeRoom()
    {
        while (Used > limit)
        {
            if (_largest is null || _left-- <= 0 || _largest.Bytes < Used / _accounts.Count)
            {
                _largest = _accounts.MaxBy(account => account.Bytes);
                _left = GivenUpBeforeLook;
            }

            if (!_largest!.TryGiveUp())
            {
                // What it holds it cannot give up now, and nobody holds more.
                _left = 0;
                return;
            }
        }
    }
}

/// <summary>What one holder has of a share.</summary>
/// <param name="share">The share.</param>
/// <param name="giveUp">Gives up what the holder would miss least; false when there is nothing that it can give up.</param>
internal sealed class MemoryAccount(MemoryShare share, Func<bool> giveUp)
{
    /// <summary>Bytes that the holder has.</summary>
    public long Bytes { get; private set; }

    /// <summary>True when all who have the share have more than there is.</summary>
    public bool IsFull => share.Used > share.Limit;

    /// <summary>Notes that the holder has more, or less.</summary>
    public void Add(long bytes)
    {
        Bytes += bytes;
        share.Used += bytes;
    }

    /// <summary>Lets those who have most of the share give up until all is within its limit: perhaps this holder.</summary>
    public void MakeRoom()
    {
        if (share.Used > share.Limit)
        {
            share.MakeRoom();
        }
    }

    /// <summary>Gives up something.</summary>
    public bool TryGiveUp() => giveUp();
}
