using System.Runtime.InteropServices;
using Vedette.Storage.Files;

namespace Vedette.Storage.Tests.Disks;

/// <summary>
/// A disk in memory that knows what is durable. <see cref="LosePower"/> gives the disk as it is found after the power failed: of every write, sector by sector, of every length and of every entry of a directory that was
/// not synchronised, some are there and some are not. <see cref="Fail"/> makes calls fail. Each call is done as a whole or not at all, so that power can be cut between any two of them.
/// </summary>
internal sealed class SimulatedDisk(int seed) : IFileSystem
{
    private const int SectorLength = 512;

    private readonly Random _random = new(seed);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Node> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Node> _durableEntries = new(StringComparer.Ordinal);
    private readonly HashSet<string> _locks = new(StringComparer.Ordinal);

    private bool _isDead;

    /// <summary>Number of calls so far.</summary>
    public int Calls { get; private set; }

    /// <summary>Says for a call, by its number and name, with what it fails; null when it works. No other call is under way meanwhile.</summary>
    public Func<int, string, Exception?>? Fail { get; set; }

    /// <summary>The disk after a loss of power now.</summary>
    public SimulatedDisk LosePower()
    {
        lock (_gate)
        {
            // Everything lost, everything kept, or each by the toss of a coin.
            double kept = _random.Next(3) switch { 0 => 0, 1 => 1, _ => 0.5 };
            SimulatedDisk after = new(_random.Next());
            Dictionary<string, Node> entries = new(_durableEntries, StringComparer.Ordinal);
            foreach (string path in _entries.Keys.Union(_durableEntries.Keys, StringComparer.Ordinal).ToArray())
            {
                Node? now = _entries.GetValueOrDefault(path);
                if (now != _durableEntries.GetValueOrDefault(path) && _random.NextDouble() < kept)
                {
                    _ = now is null ? entries.Remove(path) : (entries[path] = now) is not null;
                }
            }

            foreach ((string path, Node node) in entries)
            {
                Node survivor = new() { Bytes = node.AfterPowerLoss(_random, kept) };
                survivor.MakeDurable();
                after._entries[path] = survivor;
                after._durableEntries[path] = survivor;
            }

            return after;
        }
    }

    /// <summary>Power is cut: the disk as it is found afterwards. Who still has this one gets nothing done any more.</summary>
    public SimulatedDisk CutPower()
    {
        lock (_gate)
        {
            SimulatedDisk after = LosePower();
            _isDead = true;
            return after;
        }
    }

    /// <summary>The process is killed: the disk as the next one finds it, with all that the kernel has, durable or not. Who still has this one gets nothing done any more.</summary>
    public SimulatedDisk Kill()
    {
        lock (_gate)
        {
            _isDead = true;
            SimulatedDisk after = new(_random.Next());
            foreach ((string path, Node node) in _entries)
            {
                after._entries[path] = node;
            }

            foreach ((string path, Node node) in _durableEntries)
            {
                after._durableEntries[path] = node;
            }

            return after;
        }
    }

    /// <summary>All files.</summary>
    public IReadOnlyCollection<string> Paths
    {
        get
        {
            lock (_gate)
            {
                return [.. _entries.Keys];
            }
        }
    }

    /// <summary>The content of a file, for tests that damage it.</summary>
    public byte[] this[string path]
    {
        get
        {
            lock (_gate)
            {
                return [.. _entries[path].Bytes];
            }
        }

        set
        {
            lock (_gate)
            {
                _entries[path].Bytes = [.. value];
                _entries[path].MakeDurable();
            }
        }
    }

    public void CreateDirectory(string path)
    {
        lock (_gate)
        {
            Call("create directory");
        }
    }

    public IReadOnlyList<string> List(string directory)
    {
        lock (_gate)
        {
            Call("list");
            return [.. _entries.Keys.Where(path => Path.GetDirectoryName(path) == directory).Select(path => Path.GetFileName(path))];
        }
    }

    public bool Exists(string path)
    {
        lock (_gate)
        {
            Call("exists");
            return _entries.ContainsKey(path);
        }
    }

    public IFile Create(string path, long length)
    {
        lock (_gate)
        {
            Call("create");
            Node node = new() { Bytes = [.. new byte[length]] };
            return _entries.TryAdd(path, node) ? new OpenFile(this, node) : throw new IOException($"{path} exists", 17);
        }
    }

    public IFile Open(string path, bool forWriting)
    {
        lock (_gate)
        {
            Call("open");
            return _entries.TryGetValue(path, out Node? node) ? new OpenFile(this, node) : throw new FileNotFoundException($"no {path}");
        }
    }

    public void Move(string from, string to)
    {
        lock (_gate)
        {
            Call("move");
            _entries.Remove(from, out Node? node);
            _entries[to] = node ?? throw new FileNotFoundException($"no {from}");
        }
    }

    public void Delete(string path)
    {
        lock (_gate)
        {
            Call("delete");
            _entries.Remove(path);
        }
    }

    public void SyncDirectory(string path)
    {
        lock (_gate)
        {
            Call("sync directory");
            foreach (string entry in _durableEntries.Keys.Where(entry => Path.GetDirectoryName(entry) == path && !_entries.ContainsKey(entry)).ToArray())
            {
                _durableEntries.Remove(entry);
            }

            foreach ((string entry, Node node) in _entries.Where(entry => Path.GetDirectoryName(entry.Key) == path))
            {
                _durableEntries[entry] = node;
            }
        }
    }

    public IDisposable Lock(string path)
    {
        lock (_gate)
        {
            Call("lock");
            return _locks.Add(path) ? new Held(this, path) : throw new IOException($"{path} is held", 11);
        }
    }

    /// <summary>Counts a call and fails it, or lets it happen. Under the gate.</summary>
    private void Call(string name)
    {
        if (_isDead)
        {
            throw new KilledException();
        }

        int number = Calls++;
        if (Fail?.Invoke(number, name) is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>The process is dead: nothing is done any more, and the kernel keeps what it has.</summary>
    internal sealed class KilledException() : IOException("killed", 5);

    private sealed class Node
    {
        private readonly List<(int Start, byte[] Bytes)> _unsynced = [];
        private List<byte> _durable = [];

        public List<byte> Bytes { get; set; } = [];

        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            Grow(Bytes, (int)offset + bytes.Length);
            CollectionsMarshal.SetCount(Bytes, Math.Max(Bytes.Count, (int)offset + bytes.Length));
            bytes.CopyTo(CollectionsMarshal.AsSpan(Bytes)[(int)offset..]);
            _unsynced.Add(((int)offset, bytes.ToArray()));
        }

        public void MakeDurable()
        {
            _durable = [.. Bytes];
            _unsynced.Clear();
        }

        /// <summary>What a failed fdatasync leaves: some sectors are written, and the kernel takes all of them for written.</summary>
        public void FailToSync(Random random)
        {
            _durable = AfterPowerLoss(random, 0.5);
            _unsynced.Clear();
        }

        public List<byte> AfterPowerLoss(Random random, double kept)
        {
            List<byte> after = [.. _durable];
            if (random.NextDouble() < kept)
            {
                Grow(after, Bytes.Count);
                after.RemoveRange(Bytes.Count, Math.Max(0, after.Count - Bytes.Count));
            }

            foreach ((int start, byte[] bytes) in _unsynced)
            {
                for (int at = 0; at < bytes.Length; at += SectorLength - (start + at) % SectorLength)
                {
                    int length = Math.Min(SectorLength - (start + at) % SectorLength, bytes.Length - at);
                    if (random.NextDouble() >= kept)
                    {
                        continue;
                    }

                    // A sector may be torn: all of it that was being written is then of no use, in this model noise.
                    bool isTorn = kept < 1 && random.Next(8) == 0;
                    for (int i = 0; i < length && start + at + i < after.Count; i++)
                    {
                        after[start + at + i] = isTorn ? (byte)random.Next(256) : bytes[at + i];
                    }

                    for (int i = length; isTorn && i < SectorLength && (start + at) % SectorLength == 0 && start + at + i < after.Count; i++)
                    {
                        after[start + at + i] = (byte)random.Next(256);
                    }
                }
            }

            return after;
        }

        private static void Grow(List<byte> bytes, int length)
        {
            if (bytes.Count < length)
            {
                bytes.AddRange(new byte[length - bytes.Count]);
            }
        }
    }

    private sealed class OpenFile(SimulatedDisk disk, Node node) : IFile
    {
        public long Length
        {
            get
            {
                lock (disk._gate)
                {
                    return node.Bytes.Count;
                }
            }
        }

        public int Read(Span<byte> buffer, long offset)
        {
            lock (disk._gate)
            {
                disk.Call("read");
                int length = (int)Math.Clamp(node.Bytes.Count - offset, 0, buffer.Length);
                CollectionsMarshal.AsSpan(node.Bytes).Slice((int)Math.Min(offset, node.Bytes.Count), length).CopyTo(buffer);
                return length;
            }
        }

        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            lock (disk._gate)
            {
                bool wasDead = disk._isDead;
                try
                {
                    disk.Call("write");
                }
                catch when (!wasDead)
                {
                    // What fails in the middle has written a part.
                    node.Write(bytes[..disk._random.Next(bytes.Length + 1)], offset);
                    throw;
                }

                node.Write(bytes, offset);
            }
        }

        public void SetLength(long length)
        {
            lock (disk._gate)
            {
                disk.Call("set length");
                node.Bytes.RemoveRange((int)Math.Min(length, node.Bytes.Count), (int)Math.Max(0, node.Bytes.Count - length));
                node.Bytes.AddRange(new byte[(int)length - node.Bytes.Count]);
            }
        }

        public void Sync()
        {
            lock (disk._gate)
            {
                try
                {
                    disk.Call("sync");
                }
                catch (Exception exception) when (exception is not KilledException)
                {
                    node.FailToSync(disk._random);
                    throw;
                }

                node.MakeDurable();
            }
        }

        public void Dispose()
        {
        }
    }

    private sealed class Held(SimulatedDisk disk, string path) : IDisposable
    {
        public void Dispose()
        {
            lock (disk._gate)
            {
                disk._locks.Remove(path);
            }
        }
    }
}
