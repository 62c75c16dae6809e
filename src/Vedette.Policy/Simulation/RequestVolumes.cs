using Vedette.Audit.Events;
using Vedette.Policy.Deriving;
using Vedette.Policy.Evaluation;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;
using Vedette.Policy.Resources;

namespace Vedette.Policy.Simulation;

/// <summary>What the requests of a log come to in bytes at each level, by verb and resource. Attributes come from verb, requestURI and user, so events may come in any order. One thread.</summary>
public sealed class RequestVolumes
{
    private static readonly AuditLevel[] s_levels = [AuditLevel.Metadata, AuditLevel.Request, AuditLevel.RequestResponse];

    private readonly EventAttributes _attributes = new();
    private readonly EventRewriter _rewriter = new();
    private readonly Dictionary<(string Verb, string ApiGroup, string Resource, string Subresource), long[]> _bytes = [];

    /// <summary>Takes an event.</summary>
    public void Add(in EventView view)
    {
        RequestAttributes request = _attributes.RequestOf(view);
        (string, string, string, string) key = (request.Verb, request.ApiGroup, request.Resource, request.Subresource);
        if (!_bytes.TryGetValue(key, out long[]? bytes))
        {
            _bytes[key] = bytes = new long[4 * s_levels.Length];
        }

        bool isReceived = view[AuditField.Stage].Raw.SequenceEqual("RequestReceived"u8);
        foreach (AuditLevel level in s_levels)
        {
            foreach (bool keepsManagedFields in (bool[])[false, true])
            {
                bytes[Place(level, isReceived, keepsManagedFields)] += _rewriter.Write(view, new PolicyAnswer(level, -1, AuditStage.None, !keepsManagedFields), null) + 1;
            }
        }
    }

    /// <summary>Bytes of the requests of a kind, and of those of which no kind is known, which count as requests for a resource that nobody names (with verbs that Kubernetes does not serve, as reading it).</summary>
    /// <param name="kinds">The kinds.</param>
    internal Dictionary<RequestKind, Func<Keep, long>> By(IReadOnlySet<RequestKind> kinds)
    {
        Dictionary<RequestKind, List<long[]>> all = [];
        foreach (((string verb, string group, string resource, string subresource), long[] bytes) in _bytes)
        {
            RequestKind? kind = kinds.FirstOrDefault(kind => kind.Verb == verb && kind.ApiGroup == group && kind.Resource == resource && kind.Subresource == subresource)
                ?? kinds.FirstOrDefault(kind => kind is { ApiGroup: RequestKind.CustomGroup, Resource: RequestKind.CustomResource } && kind.Verb == verb)
                ?? kinds.FirstOrDefault(kind => kind is { ApiGroup: RequestKind.CustomGroup, Resource: RequestKind.CustomResource, Verb: "get" });
            if (kind is not null)
            {
                (all.TryGetValue(kind, out List<long[]>? known) ? known : all[kind] = []).Add(bytes);
            }
        }

        return all.ToDictionary(pair => pair.Key, pair => (Func<Keep, long>)(keep => pair.Value.Sum(bytes => Of(bytes, keep))));
    }

    private static long Of(long[] bytes, Keep keep) => keep.Level == AuditLevel.None ? 0
        : bytes[Place(keep.Level, false, keep.ManagedFields)] + (keep.Received ? bytes[Place(keep.Level, true, keep.ManagedFields)] : 0);

    private static int Place(AuditLevel level, bool isReceived, bool keepsManagedFields) => (int)level - 1 + (isReceived ? s_levels.Length : 0) + (keepsManagedFields ? 2 * s_levels.Length : 0);
}
