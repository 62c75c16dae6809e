using System.Net;
using System.Net.Sockets;
using System.Text;
using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Detection.Fields;

/// <summary>The address the API server saw: the last of sourceIPs. The ones before it come from headers the client writes.</summary>
internal static class SourceAddress
{
    // IANA special-purpose address registries (RFC 6890 and updates), multicast and reserved space: not globally routable.
    private static readonly IPNetwork[] s_special =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "::/127", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "ff00::/8",
        }.Select(IPNetwork.Parse),
    ];

    /// <summary>The address; missing when there is none.</summary>
    public static JsonValue Of(in EventView view)
    {
        JsonValue last = default;
        foreach (JsonValue address in view[AuditField.SourceIps].Elements())
        {
            last = address;
        }

        return last;
    }

    /// <summary>Adds the address.</summary>
    public static void Read(in EventView view, FieldResolver into)
    {
        JsonValue address = Of(view);
        if (address.Exists)
        {
            into.Add(view, address);
        }
    }

    /// <summary>Adds whether it is globally routable; nothing when it is no address.</summary>
    public static void ReadIsPublic(in EventView view, FieldResolver into)
    {
        if (TryParse(Encoding.UTF8.GetBytes(Of(view).AsString() ?? ""), out IPAddress? address))
        {
            into.AddBoolean(!Array.Exists(s_special, network => network.Contains(address!)));
        }
    }

    /// <summary>Reads an address; an IPv4 address inside IPv6 is taken as IPv4.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out IPAddress? address)
    {
        // IPAddress takes "1" for 0.0.0.1; here an address has dots or colons.
        address = null;
        if (text.Length > 64 || !text.ContainsAny((byte)'.', (byte)':') || !IPAddress.TryParse(text, out address))
        {
            return false;
        }

        if (address.AddressFamily == AddressFamily.InterNetwork && text.Count((byte)'.') != 3)
        {
            return false;
        }

        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return true;
    }
}
