using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Vedette.Storage.Files;
using Vedette.Storage.Journals;
using Xunit;

namespace Vedette.Storage.Tests.Journals;

/// <summary>Sends records to journals and knows what was acknowledged.</summary>
internal sealed class Sender
{
    /// <summary>Directory of the journal.</summary>
    public const string Directory = "/data/events";

    private readonly HashSet<int> _acknowledged = [];
    private readonly HashSet<int> _sent = [];

    /// <summary>Small segments and no waiting.</summary>
    public static JournalOptions Options { get; } = new() { SegmentLength = 16 * 1024, CommitWindow = TimeSpan.Zero, IdentityWindow = 1000 };

    /// <summary>Numbers acknowledged so far.</summary>
    public IReadOnlyCollection<int> Acknowledged => _acknowledged;

    /// <summary>The record of a number.</summary>
    public static string Text(int number) => $"record {number} {new string((char)('a' + number % 26), number * 37 % 3000)}";

    /// <summary>Sends the records of these numbers.</summary>
    public async Task<AppendResult> SendAsync(Journal journal, params IEnumerable<int> numbers)
    {
        // In two batches that are appended together, as a delivery that two threads have read.
        using RecordBatch first = new();
        using RecordBatch second = new();
        int[] all = [.. numbers];
        for (int i = 0; i < all.Length; i++)
        {
            (i < (all.Length + 1) / 2 ? first : second).Add(IdentityOf(all[i]), "label"u8, Encoding.UTF8.GetBytes(Text(all[i])));
        }

        lock (_sent)
        {
            _sent.UnionWith(all);
        }

        AppendResult result = await journal.AppendAsync([first, second], CancellationToken.None);
        if (result.IsDurable)
        {
            Assert.Equal(all.Length, result.Stored + result.Duplicates);
            lock (_acknowledged)
            {
                _acknowledged.UnionWith(all);
            }
        }

        return result;
    }

    /// <summary>Every acknowledged record is there exactly once, byte for byte; another at most once, and only if it was sent.</summary>
    public void AssertKept(IFileSystem files) => AssertKept(JournalReader.Open(files, Directory, 0, damage => Assert.Fail(damage.ToString())));

    /// <summary>As <see cref="AssertKept(IFileSystem)"/>.</summary>
    public void AssertKept(JournalReader reader)
    {
        using (reader)
        {
            HashSet<int> found = [];
            long sequence = 0;
            while (reader.TryRead(out JournalRecord record))
            {
                Assert.Equal(sequence++, record.Sequence);
                string text = Encoding.UTF8.GetString(record.Bytes);
                int number = int.Parse(text.Split(' ')[1], CultureInfo.InvariantCulture);
                Assert.Equal(Text(number), text);
                Assert.Equal(IdentityOf(number), record.Identity);
                Assert.True(record.Label.SequenceEqual("label"u8));
                Assert.True(found.Add(number), $"record {number} is there twice");
                Assert.Contains(number, _sent);
            }

            Assert.Empty(_acknowledged.Except(found));
        }
    }

    private static UInt128 IdentityOf(int number)
    {
        Span<byte> identity = stackalloc byte[16];
        SHA256.HashData(BitConverter.GetBytes(number)).AsSpan(0, 16).CopyTo(identity);
        return BinaryPrimitives.ReadUInt128LittleEndian(identity);
    }
}
