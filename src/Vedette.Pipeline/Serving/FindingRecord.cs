using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Vedette.Detection.Findings;
using Vedette.Storage.Journals;

namespace Vedette.Pipeline.Serving;

/// <summary>
/// How findings lie in their journal. The bytes of a record are the finding's JSON (<see cref="FindingJson"/>), its label is a version, flags, and the cluster's name. The first record of an id tells it,
/// later ones of the same id are updates: its count has risen. Readers who want each finding once take the last record of each id.
/// </summary>
public static class FindingRecord
{
    private const byte Version = 1;
    private const byte UpdateFlag = 1;

    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.Default };

    /// <summary>Adds a finding to a batch.</summary>
    /// <param name="finding">The finding.</param>
    /// <param name="isUpdate">Was it told before, with a lower count?</param>
    /// <param name="into">Where to.</param>
    public static void Add(Finding finding, bool isUpdate, RecordBatch into)
    {
        string cluster = finding.Cluster ?? "";
        into.Begin(LabelOf(cluster, isUpdate));
        using (Utf8JsonWriter writer = new(into, s_json))
        {
            FindingJson.Write(finding, writer);
        }

        into.End(IdentityOf(finding.Id, isUpdate ? string.Create(CultureInfo.InvariantCulture, $"{finding.Count}/{finding.Events.Length}") : "", cluster));
    }

    /// <summary>Adds a finding that is JSON already.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="revision">What tells one update of it from another.</param>
    /// <param name="cluster">Its cluster.</param>
    /// <param name="isUpdate">Was it told before, with a lower count?</param>
    /// <param name="json">The finding.</param>
    /// <param name="into">Where to.</param>
    public static void Add(string id, string revision, string cluster, bool isUpdate, ReadOnlySpan<byte> json, RecordBatch into)
    {
        into.Add(IdentityOf(id, isUpdate ? revision : "", cluster), LabelOf(cluster, isUpdate), json);
    }

    /// <summary>Is a record an update of a finding told before?</summary>
    public static bool IsUpdate(ReadOnlySpan<byte> label) => label is [Version, var flags, ..] && (flags & UpdateFlag) != 0;

    /// <summary>Name of the cluster of a record.</summary>
    public static string ClusterOf(ReadOnlySpan<byte> label) => label is [Version, _, .. var cluster] ? Encoding.UTF8.GetString(cluster) : "";

    private static byte[] LabelOf(string cluster, bool isUpdate) => [Version, isUpdate ? UpdateFlag : (byte)0, .. Encoding.UTF8.GetBytes(cluster)];

    // A finding is told once by its id, and once more for each update: a replay after a crash repeats nothing.
    private static UInt128 IdentityOf(string id, string revision, string cluster)
    {
        return BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}\n{revision}\n{cluster}"))));
    }
}
