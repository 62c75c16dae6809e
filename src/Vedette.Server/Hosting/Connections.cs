using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Vedette.Server.Hosting;

/// <summary>
/// The connections there are, bounded. When there are as many as may be, the one that has been without a request for longest makes room for the next; those whose other side never showed credentials that are
/// known go first. So whoever only holds connections, or sends the beginning of a request and no more, keeps nobody out. Threads may share it.
/// </summary>
/// <param name="max">Most connections.</param>
/// <param name="ended">Told why a connection was ended here, one word of few.</param>
internal sealed class Connections(int max, Action<string> ended)
{
    /// <summary>A connection was ended to make room for another.</summary>
    public const string MadeRoom = "made_room";

    /// <summary>A connection was not taken: all there are have requests under way.</summary>
    public const string Full = "full";

    private readonly Lock _one = new();
    private readonly LinkedList<Open> _strangers = [];
    private readonly LinkedList<Open> _known = [];
    private int _count;

    /// <summary>How many there are.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Lets a connection in, and follows it to its end.</summary>
    public async Task FollowAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        Open open = new(connection);
        if (!TryAdd(open, out Open? making))
        {
            ended(Full);
            connection.Abort(new ConnectionAbortedException("there are as many connections as may be"));
            return;
        }

        if (making is not null)
        {
            ended(MadeRoom);
            making.Connection.Abort(new ConnectionAbortedException("another connection needs the room"));
        }

        connection.Items[typeof(Open)] = open;
        try
        {
            await next(connection);
        }
        finally
        {
            Remove(open);
        }
    }

    /// <summary>Notes that a connection has a request under way, for as long as it is answered.</summary>
    public async Task FollowAsync(HttpContext request, RequestDelegate next)
    {
        if (Of(request) is not { } open)
        {
            await next(request);
            return;
        }

        Begin(open);
        try
        {
            await next(request);
        }
        finally
        {
            End(open);
        }
    }

    /// <summary>Who makes a request is known: its connection is among the last to make room.</summary>
    public static void Know(HttpContext request)
    {
        if (Of(request) is { } open)
        {
            open.IsKnown = true;
        }
    }

    private static Open? Of(HttpContext request) =>
        request.Features.Get<IConnectionItemsFeature>() is { } feature && feature.Items.TryGetValue(typeof(Open), out object? open) ? open as Open : null;

    private bool TryAdd(Open open, out Open? making)
    {
        lock (_one)
        {
            making = null;
            if (_count >= max)
            {
                making = _strangers.First?.Value ?? _known.First?.Value;
                if (making is null)
                {
                    return false;
                }

                Leave(making);
            }

            _count++;
            Wait(open);
            return true;
        }
    }

    private void Begin(Open open)
    {
        lock (_one)
        {
            if (++open.Requests == 1)
            {
                open.Waiting?.List?.Remove(open.Waiting);
            }
        }
    }

    private void End(Open open)
    {
        lock (_one)
        {
            if (--open.Requests == 0 && !open.IsGone)
            {
                Wait(open);
            }
        }
    }

    private void Remove(Open open)
    {
        lock (_one)
        {
            Leave(open);
        }
    }

    private void Wait(Open open) => open.Waiting = (open.IsKnown ? _known : _strangers).AddLast(open);

    private void Leave(Open open)
    {
        if (!open.IsGone)
        {
            open.IsGone = true;
            open.Waiting?.List?.Remove(open.Waiting);
            _count--;
        }
    }

    /// <summary>A connection.</summary>
    private sealed class Open(ConnectionContext connection)
    {
        public ConnectionContext Connection => connection;

        /// <summary>Requests under way; with HTTP/2 there may be many.</summary>
        public int Requests { get; set; }

        public bool IsKnown { get; set; }

        public bool IsGone { get; set; }

        /// <summary>Its place among those without requests.</summary>
        public LinkedListNode<Open>? Waiting { get; set; }
    }
}
