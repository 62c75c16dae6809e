using Vedette.Audit.Blocks;
using Vedette.Audit.Json;

namespace Vedette.Audit.Shapes;

/// <summary>What kube-apiserver's webhook posts: audit.k8s.io EventList, its items without kind and apiVersion.</summary>
internal static class EventList
{
    private static ReadOnlySpan<byte> Start => "{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"metadata\":{"u8;

    private static ReadOnlySpan<byte> Items => ",\"items\":["u8;

    /// <summary>Does this begin as kube-apiserver writes a list?</summary>
    public static bool BeginsAt(ReadOnlySpan<byte> line) => line.StartsWith(Start);

    /// <summary>
    /// Finds the items of a list that is written as kube-apiserver writes it, without going through its members. Nothing but the items may follow the metadata, so there is no second
    /// member of these names that could win.
    /// </summary>
    /// <param name="line">The whole list.</param>
    /// <param name="start">The first byte after the opening bracket of the items.</param>
    /// <param name="end">Their closing bracket.</param>
    /// <returns>False when it is written in another way, or is no list.</returns>
    public static bool TryFindItems(ReadOnlySpan<byte> line, out int start, out int end)
    {
        start = 0;
        end = 0;
        if (!BeginsAt(line))
        {
            return false;
        }

        int metadata = BlockScan.ContainerEnd(line, Start.Length - 1, line.Length) + 1;
        if (metadata > line.Length || !line[metadata..].StartsWith(Items))
        {
            return false;
        }

        start = metadata + Items.Length;
        end = BlockScan.ContainerEnd(line, start - 1, line.Length);
        return end == line.Length - 2 && line[^1] == '}';
    }

    /// <summary>Gives the items.</summary>
    public static bool TryUnwrap(JsonValue root, IUnwrapped into)
    {
        if (!root.Member("kind"u8).StringEquals("EventList"u8) || !root.Member("apiVersion"u8).Raw.StartsWith("audit.k8s.io/"u8))
        {
            return false;
        }

        JsonElements items = root.Member("items"u8).Elements();
        while (items.MoveNext())
        {
            into.Inside(items.Current);
        }

        if (!items.Unread.IsEmpty)
        {
            into.Inside(new JsonValue(items.Unread, JsonKind.Object));
        }

        return true;
    }
}
