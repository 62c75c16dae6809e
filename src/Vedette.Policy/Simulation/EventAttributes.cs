using System.Buffers;
using System.Collections.Immutable;
using Vedette.Audit.Events;
using Vedette.Audit.Json;
using Vedette.Audit.Text;
using Vedette.Policy.Requests;

namespace Vedette.Policy.Simulation;

/// <summary>
/// What a policy saw of the request behind an event: from verb, requestURI and user, which all events of a request share, and never from objectRef, which is filled in from the body later.
/// Remembers requests and users by their bytes, so that most events cost two look-ups. One thread.
/// </summary>
public sealed class EventAttributes
{
    /// <summary>Most requests, and most users, remembered; then both are forgotten.</summary>
    public const int MaxRemembered = 100_000;

    private readonly Dictionary<byte[], RequestAttributes> _requests = new(Utf8Comparer.Instance);
    private readonly Dictionary<byte[], RequestUser?> _users = new(Utf8Comparer.Instance);
    private readonly Dictionary<byte[], RequestAttributes>.AlternateLookup<ReadOnlySpan<byte>> _requestsByBytes;
    private readonly Dictionary<byte[], RequestUser?>.AlternateLookup<ReadOnlySpan<byte>> _usersByBytes;
    private readonly ArrayBufferWriter<byte> _key = new();

    /// <summary>Remembers nothing yet.</summary>
    public EventAttributes()
    {
        _requestsByBytes = _requests.GetAlternateLookup<ReadOnlySpan<byte>>();
        _usersByBytes = _users.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>The user of an event; null for requests that were refused before authentication was done.</summary>
    public RequestUser? UserOf(in EventView view)
    {
        JsonValue name = view[AuditField.UserName];
        JsonValue groups = view[AuditField.UserGroups];
        if (!name.Exists && !groups.Exists)
        {
            return null;
        }

        Write(name, groups);
        if (!_usersByBytes.TryGetValue(_key.WrittenSpan, out RequestUser? user))
        {
            ImmutableArray<string>.Builder list = ImmutableArray.CreateBuilder<string>();
            foreach (JsonValue group in groups.Elements())
            {
                list.Add(group.AsString() ?? "");
            }

            user = new RequestUser(name.AsString() ?? "", list.ToImmutable());
            Remember(_users, user);
        }

        return user;
    }

    /// <summary>The attributes of an event's request, its user left out.</summary>
    public RequestAttributes RequestOf(in EventView view)
    {
        JsonValue verb = view[AuditField.Verb];
        JsonValue uri = view[AuditField.RequestUri];
        Write(verb, new JsonValue(Significant(verb, uri), JsonKind.String));
        if (!_requestsByBytes.TryGetValue(_key.WrittenSpan, out RequestAttributes? request))
        {
            request = RequestAttributes.Of(RequestInfo.OfEvent(verb.AsString() ?? "", uri.AsString() ?? ""), null);
            Remember(_requests, request);
        }

        return request;
    }

    /// <summary>Verb and the part of the URI that decides: of the query only a list's or watch's field selector matters, with what stands beside it.</summary>
    private static ReadOnlySpan<byte> Significant(JsonValue verb, JsonValue uri)
    {
        int question = uri.Raw.IndexOf((byte)'?');
        if (question < 0)
        {
            return uri.Raw;
        }

        bool canSelect = verb.Raw.SequenceEqual("list"u8) || verb.Raw.SequenceEqual("watch"u8);
        return canSelect && MayHoldFieldSelector(uri.Raw[(question + 1)..]) ? uri.Raw : uri.Raw[..question];
    }

    /// <summary>Looks for the parameter, also where its name is percent-encoded or escaped.</summary>
    private static bool MayHoldFieldSelector(ReadOnlySpan<byte> query)
    {
        if (query.IndexOf("fieldSelector"u8) >= 0)
        {
            return true;
        }

        bool inName = true;
        foreach (byte b in query)
        {
            if (inName && b == '%')
            {
                return true;
            }

            // In kube-apiserver's JSON an ampersand is an escape that ends in 6.
            inName = b is (byte)'&' or (byte)'6' || inName && b != '=';
        }

        return false;
    }

    private void Write(JsonValue first, JsonValue second)
    {
        _key.ResetWrittenCount();
        _key.Write(first.Raw);
        _key.Write("\n"u8);
        _key.Write(second.Raw);
    }

    private void Remember<T>(Dictionary<byte[], T> into, T value)
    {
        if (into.Count >= MaxRemembered)
        {
            into.Clear();
        }

        into[_key.WrittenSpan.ToArray()] = value;
    }
}
