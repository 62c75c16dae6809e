namespace Vedette.Audit.Shapes;

/// <summary>
/// How often in a row a line was taken for the beginning of a longer document and was not. After several times, lines are judged alone up to where those attempts gave up: keeps hostile input from being
/// read again and again.
/// </summary>
internal sealed class DocumentAttempts
{
    /// <summary>How many times in a row.</summary>
    private const int MaxFailed = 8;

    private long _end;
    private int _failed;

    /// <summary>May a line that begins here be taken for the beginning of a longer document?</summary>
    public bool MayTry(long position) => _failed < MaxFailed || IsBeyond(position);

    /// <summary>True when no attempt has looked at what is here, or follows.</summary>
    public bool IsBeyond(long position) => position >= _end;

    /// <summary>Notes that an attempt was in vain.</summary>
    /// <param name="end">How far it looked.</param>
    public void Fail(long end)
    {
        _failed++;
        _end = Math.Max(_end, end);
    }

    /// <summary>Notes that what ends here was read. Attempts are forgotten, unless they were about this too.</summary>
    public void Succeed(long position)
    {
        if (IsBeyond(position))
        {
            _failed = 0;
        }
    }
}
