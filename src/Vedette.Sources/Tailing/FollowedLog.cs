using Vedette.Audit.Batches;
using Vedette.Audit.Json;

namespace Vedette.Sources.Tailing;

/// <summary>A file of a directory that belongs to a log.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Name">What its name says.</param>
/// <param name="Facts">What is known of it.</param>
internal readonly record struct LogCandidate(string Path, RotatedName Name, FileFacts Facts);

/// <summary>
/// A log that is followed: the file of one name and those that were rotated away from it, the oldest first. Files are known by number and content, not by name: content that was read is found again under
/// another name, in a copy (copytruncate) and compressed, and goes on from where it was left; what is only a copy of a file that is there is not read.
/// </summary>
internal sealed class FollowedLog(string path, TailContext context) : IDisposable
{
    /// <summary>Files remembered that are gone: they may be found in a copy that is still being made.</summary>
    private const int MaxGone = 64;

    /// <summary>How many times in a row a file must be absent before it is gone: a directory that changes while it is listed may leave one out.</summary>
    private const int MaxMissed = 2;

    private readonly Dictionary<FileId, (LogFile Original, FileFacts Facts)> _copies = [];
    private readonly Dictionary<FileId, Waiting> _waiting = [];
    private List<LogFile> _files = [];
    private int _waitFrom = int.MaxValue;

    /// <summary>Path of the file that is not rotated.</summary>
    public string Path => path;

    /// <summary>Its files, the oldest first.</summary>
    public IReadOnlyList<LogFile> Files => _files;

    /// <summary>Goes on where an earlier process was.</summary>
    public void Restore(IEnumerable<LogFile> files) => _files = [.. files];

    /// <summary>Compares what is known with what is there.</summary>
    /// <param name="candidates">The files that are there, the oldest first.</param>
    /// <param name="fromEnd">Is what is there now, and not known, to be left aside?</param>
    public void Reconcile(IReadOnlyList<LogCandidate> candidates, bool fromEnd)
    {
        foreach (LogFile file in _files)
        {
            file.IsSeen = false;
        }

        List<(LogCandidate Candidate, int Order)> unknown = [];
        for (int i = 0; i < candidates.Count; i++)
        {
            LogCandidate candidate = candidates[i];
            LogFile? file = _files.Find(file => file.Id == candidate.Facts.Id);
            if (file is null)
            {
                unknown.Add((candidate, i));
            }
            else if (!file.IsPacked && candidate.Facts.Length < file.Position)
            {
                file.Lose();
                unknown.Add((candidate, i));
            }
            else if (!file.IsSeen)
            {
                file.See(candidate.Path, candidate.Name.IsRotated, candidate.Facts, i);
            }
        }

        if (unknown.Count > 0)
        {
            // What is not known may be what one of these was; so it must be certain what they are.
            unknown.AddRange(_files.Where(file => file is { IsSeen: true, MustVerify: true, IsPacked: false } && !IsStill(file)).ToArray().Select(file =>
            {
                int order = file.Order;
                file.Lose();
                return (candidates[order], order);
            }));
        }

        _waitFrom = int.MaxValue;
        foreach ((LogCandidate candidate, int order) in unknown.OrderBy(one => one.Order))
        {
            try
            {
                Meet(candidate, order, fromEnd);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                context.Complain(candidate.Path, candidate.Facts, exception);
                _waiting[candidate.Facts.Id] = new Waiting(candidate.Facts, context.Time.GetTimestamp(), IsFailed: true);
            }
        }

        Forget(candidates);
        _files = [.. _files.OrderBy(file => file.Order)];
    }

    /// <summary>Reads the next lines.</summary>
    /// <param name="batch">Where to.</param>
    /// <param name="isTooLong">Is it the beginning of a line that is too long?</param>
    /// <param name="mustLook">Must <see cref="Reconcile"/> come before there can be more?</param>
    /// <returns>The file; null when there is nothing.</returns>
    public LogFile? Next(EventBatch batch, out bool isTooLong, out bool mustLook)
    {
        (isTooLong, mustLook) = (false, false);
        foreach (LogFile file in _files)
        {
            bool isDone = file.IsEnded && !file.IsPacked && file.IsSeen && file.Length == file.Position && !file.MustVerify;
            bool isOutOfReach = file.Id is null || (!file.IsSeen && file.Handle is null && file.Packed is null);
            if (file.Order > _waitFrom)
            {
                return null;
            }

            bool mustWait = file.RetryAt != 0 && context.Time.GetTimestamp() < file.RetryAt;
            context.HasComplained |= mustWait;
            if (isDone || isOutOfReach || mustWait)
            {
                continue;
            }

            ReadOutcome outcome;
            try
            {
                outcome = Read(file, batch);
                file.RetryAt = 0;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                file.Close();
                file.RetryAt = context.Time.GetTimestamp() + context.Time.TimestampFrequency;
                context.Complain(file.Path, null, exception);
                continue;
            }

            switch (outcome)
            {
                case ReadOutcome.Lines or ReadOutcome.TooLong:
                    isTooLong = outcome == ReadOutcome.TooLong;
                    file.IsEnded = false;
                    return file;
                case ReadOutcome.Moved:
                    mustLook = true;
                    return null;
                case ReadOutcome.Replaced:
                    Lose(file);
                    mustLook = true;
                    return null;
                case ReadOutcome.Partial when !IsLive(file):
                    // Its end may still come; what is newer waits for so long.
                    return null;
                case ReadOutcome.Nothing:
                    End(file);
                    break;
                case ReadOutcome.Damaged:
                    Damaged(file);
                    break;
            }
        }

        return null;
    }

    /// <summary>What <see cref="Next"/> gave is durable.</summary>
    public void Commit(LogFile file) => context.Reader.Commit(file);

    /// <summary>Closes files that need not be open.</summary>
    public void CloseFiles()
    {
        foreach (LogFile file in _files)
        {
            file.Close();
        }
    }

    /// <inheritdoc />
    public void Dispose() => CloseFiles();

    private static bool IsLive(LogFile file) => file.IsSeen && !file.IsRotated;

    private ReadOutcome Read(LogFile file, EventBatch batch)
    {
        ReadOutcome outcome = context.Reader.Read(file, batch, giveLast: false);
        if (outcome == ReadOutcome.Partial)
        {
            TimeSpan quiet = context.Time.GetElapsedTime(file.QuietSince);
            if (quiet >= (IsLive(file) ? FileTail.MaxWaitForLiveLineEnd : FileTail.MaxWaitForLineEnd))
            {
                outcome = context.Reader.Read(file, batch, giveLast: true);
                if (outcome == ReadOutcome.Lines && IsLive(file) && !IsDocument(batch.Input))
                {
                    file.QuietSince = context.Time.GetTimestamp();
                    return ReadOutcome.Partial;
                }
            }
        }

        return outcome;
    }

    /// <summary>Is it one JSON value, so that no more of it can come?</summary>
    private static bool IsDocument(ReadOnlySpan<byte> text)
    {
        JsonScanner scanner = new(text);
        return text is [(byte)'{' or (byte)'[', ..] && scanner.TryReadValue(out _) && text[scanner.Position..].IndexOfAnyExcept(" \t\r"u8) < 0;
    }

    /// <summary>Has a file the content that was read of it? True also where that cannot be seen now.</summary>
    private bool IsStill(LogFile file)
    {
        try
        {
            return context.Reader.HasContentOf(file, file.Path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <summary>A file that is not known: new, or what another has become.</summary>
    private void Meet(LogCandidate candidate, int order, bool fromEnd)
    {
        FileFacts facts = candidate.Facts;
        if (_copies.TryGetValue(facts.Id, out (LogFile Original, FileFacts Facts) copy) && copy.Facts == facts && copy.Original is { Id: not null, IsSeen: true })
        {
            return;
        }

        _copies.Remove(facts.Id);
        bool isKnownToWait = _waiting.TryGetValue(facts.Id, out Waiting waiting);
        TimeSpan waited = isKnownToWait ? context.Time.GetElapsedTime(waiting.Since) : TimeSpan.Zero;
        if (isKnownToWait && (waiting.IsFailed ? waited < FileTail.RetryInterval : waiting.Facts == facts && waited < FileTail.MaxWaitForPacked))
        {
            context.HasComplained |= waiting.IsFailed;
            WaitFor(candidate, order, waiting);
            return;
        }

        byte[]? head = context.Reader.ReadHead(candidate.Path, facts.Id, out bool isPacked, out bool isWhole, out long headAt);
        if (head is null)
        {
            return;
        }

        bool isReady = isWhole && (fromEnd || Fingerprint.OfHead(head).Length > 0);
        if (!isReady && !(isKnownToWait && !waiting.IsFailed && waiting.Facts == facts))
        {
            // It is still being written, or damaged: that shows when it does not change any more. Without a whole line it may become a copy of another.
            waiting = new Waiting(facts, context.Time.GetTimestamp(), IsFailed: false);
            _waiting[facts.Id] = waiting;
            WaitFor(candidate, order, waiting);
            return;
        }

        _waiting.Remove(facts.Id);
        LogFile? known = _files.Where(file => file.Head.Begins(head)).OrderBy(file => file.Id is null ? 0 : file.IsSeen ? 2 : 1).FirstOrDefault();
        if (known is { Id: { } id, IsSeen: true })
        {
            if (isPacked || known.IsPacked || facts.Length <= known.Length || !context.Reader.HasContentOf(known, candidate.Path))
            {
                _copies[facts.Id] = (known, facts);
                return;
            }

            // There is more in it: the one that is known is its copy, and perhaps still being made.
            _copies.Remove(id);
            Become(known, candidate, isPacked, order);
            return;
        }

        if (head.Length < Fingerprint.MaxHead && IsCopyBegun(head))
        {
            return;
        }

        if (known is { Id: not null, Handle: not null })
        {
            // Open and deleted: what is left of it is read there first.
            return;
        }

        if (known is not null && (isPacked || context.Reader.HasContentOf(known, candidate.Path)))
        {
            Become(known, candidate, isPacked, order);
            return;
        }

        LogFile fresh = new() { IsPacked = isPacked, HeadAt = headAt, Head = Fingerprint.OfHead(head) is { Length: > 0 } lines ? lines : Fingerprint.Of(head) };
        fresh.See(candidate.Path, candidate.Name.IsRotated, facts, order);
        if (fromEnd)
        {
            fresh.IsAside = isPacked;
            fresh.IsEnded = isPacked || candidate.Name.IsRotated;
            if (!isPacked)
            {
                context.Reader.GoToEnd(fresh);
            }
        }

        _files.Add(fresh);
    }

    /// <summary>The content that is known stands in this file now.</summary>
    private void Become(LogFile known, LogCandidate candidate, bool isPacked, int order)
    {
        known.Close();
        (known.IsPacked, known.Length, known.Modified, known.PartialLength) = (isPacked, 0, 0, -1);
        known.IsEnded = isPacked && (known.IsAside || context.Reader.HasLengthOf(known, candidate.Path));
        known.See(candidate.Path, candidate.Name.IsRotated, candidate.Facts, order);
    }

    /// <summary>What is newer than a rotated file that is not complete waits for it, but not for one that cannot be read.</summary>
    private void WaitFor(LogCandidate candidate, int order, Waiting waiting)
    {
        if (candidate.Name.IsRotated && candidate.Facts.Length > 0 && !waiting.IsFailed)
        {
            _waitFrom = Math.Min(_waitFrom, order);
        }
    }

    /// <summary>Does a file that is there begin like this, and goes on? Then a copy of it is being made.</summary>
    private bool IsCopyBegun(ReadOnlySpan<byte> head)
    {
        foreach (LogFile file in _files)
        {
            if (file is { Id: { } id, IsSeen: true, IsPacked: false } && file.Head.Length > head.Length && context.Reader.ReadHead(file.Path, id, out _, out _, out _) is { } other && other.AsSpan().StartsWith(head))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>There is no more in a file.</summary>
    private static void End(LogFile file)
    {
        if (file.IsPacked || !IsLive(file))
        {
            file.IsEnded = true;
            file.Close();
        }
    }

    private void Lose(LogFile file)
    {
        file.Lose();
        if (file.Position == 0 && file.Head.Length == 0)
        {
            _files.Remove(file);
        }
    }

    /// <summary>A compressed file that ends before its time: it may still be written. If it is not, what it gave was all.</summary>
    private void Damaged(LogFile file)
    {
        file.Close();
        if (file.QuietLength != file.Length)
        {
            (file.QuietLength, file.QuietSince) = (file.Length, context.Time.GetTimestamp());
        }
        else if (context.Time.GetElapsedTime(file.QuietSince) >= FileTail.MaxWaitForPacked)
        {
            file.IsEnded = true;
            context.Status.Gap();
            context.Tell($"{file.Path} is damaged: its compression ends before its time; what could be read of it, {file.Position} bytes, was");
        }

        file.RetryAt = context.Time.GetTimestamp() + context.Time.TimestampFrequency;
    }

    /// <summary>Lets go what is gone.</summary>
    private void Forget(IReadOnlyList<LogCandidate> candidates)
    {
        HashSet<FileId> present = [.. candidates.Select(candidate => candidate.Facts.Id)];
        foreach (FileId id in _copies.Keys.Concat(_waiting.Keys).Where(id => !present.Contains(id)).ToArray())
        {
            _copies.Remove(id);
            _waiting.Remove(id);
        }

        foreach (LogFile file in _files.Where(file => !file.IsSeen).ToArray())
        {
            file.Missed = Math.Min(file.Missed + 1, int.MaxValue - 1);
            file.Order = -1;
            if (file.Id is not null && file.Missed >= MaxMissed && file.Handle is null)
            {
                Lose(file);
                file.Missed = MaxMissed;
            }

            if (file.Id is null && !file.IsEnded && file.Missed >= MaxMissed && !HasFailed())
            {
                // Gone, truncated or replaced, and in no other file: what came after the position, if anything did, was never seen.
                file.IsEnded = true;
                context.Status.Gap();
                context.Tell($"{file.Path} was truncated or deleted after byte {file.Position} was read; what was written behind it, if anything, is in no file here");
            }
        }

        int gone = _files.Count(file => file.Id is null) - MaxGone;
        _files.RemoveAll(file => file.Id is null && gone-- > 0);
    }

    /// <summary>Is there a file that could not be looked into? It may hold what seems to be gone.</summary>
    private bool HasFailed() => _waiting.Count > 0;

    private readonly record struct Waiting(FileFacts Facts, long Since, bool IsFailed);
}
