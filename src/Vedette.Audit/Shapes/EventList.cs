using Vedette.Audit.Json;

namespace Vedette.Audit.Shapes;

/// <summary>What kube-apiserver's webhook posts: audit.k8s.io EventList, its items without kind and apiVersion.</summary>
internal static class EventList
{
    /// <summary>Gives the items.</summary>
    public static bool TryUnwrap(JsonValue root, IUnwrapped into)
    {
        if (!root.Member("kind"u8).StringEquals("EventList"u8) || !root.Member("apiVersion"u8).Raw.StartsWith("audit.k8s.io/"u8))
        {
            return false;
        }

        foreach (JsonValue item in root.Member("items"u8).Elements())
        {
            into.Inside(item);
        }

        return true;
    }
}
