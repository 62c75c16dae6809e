using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Unicode;
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

    private static readonly (uint Address, uint Mask)[] s_specialV4 =
    [
        .. s_special.Where(network => network.BaseAddress.AddressFamily == AddressFamily.InterNetwork)
            .Select(network => (BinaryPrimitives.ReadUInt32BigEndian(network.BaseAddress.GetAddressBytes()), uint.MaxValue << (32 - network.PrefixLength))),
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

    /// <summary>Adds the network it lies in: /24 for IPv4, /48 for IPv6, the usual sizes of a site; nothing when it is no address.</summary>
    public static void ReadNetwork(in EventView view, FieldResolver into)
    {
        ReadOnlySpan<byte> text = Of(view).Utf8Text();
        if (TryParseV4(text, out uint v4))
        {
            Span<byte> network = stackalloc byte[32];
            Utf8.TryWrite(network, CultureInfo.InvariantCulture, $"{v4 >> 24}.{v4 >> 16 & 255}.{v4 >> 8 & 255}.0/24", out int written);
            into.AddText(network[..written]);
        }
        else if (TryParse(text, out IPAddress? address))
        {
            int length = address!.AddressFamily == AddressFamily.InterNetwork ? 24 : 48;
            byte[] bytes = address.GetAddressBytes();
            bytes.AsSpan(length / 8).Clear();
            into.AddText($"{new IPAddress(bytes)}/{length}");
        }
    }

    /// <summary>Adds whether it is globally routable; nothing when it is no address.</summary>
    public static void ReadIsPublic(in EventView view, FieldResolver into)
    {
        ReadOnlySpan<byte> text = Of(view).Utf8Text();
        if (TryParseV4(text, out uint v4))
        {
            into.AddBoolean(!IsSpecial(v4));
        }
        else if (TryParse(text, out IPAddress? address))
        {
            into.AddBoolean(!IsSpecial(address!));
        }
    }

    private static bool IsSpecial(IPAddress address) => Array.Exists(s_special, network => network.Contains(address));

    private static bool IsSpecial(uint v4)
    {
        foreach ((uint network, uint mask) in s_specialV4)
        {
            if ((v4 & mask) == network)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads an IPv4 address as kube-apiserver writes it, four numbers without needless zeros, without allocating; what is written otherwise <see cref="TryParse"/> may still read.</summary>
    internal static bool TryParseV4(ReadOnlySpan<byte> text, out uint address)
    {
        address = 0;
        for (int part = 0; part < 4; part++)
        {
            int digits = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') is >= 0 and var end ? end : text.Length;
            if (digits is 0 or > 3 || (text[0] == '0' && digits > 1) || !Utf8Parser.TryParse(text[..digits], out byte value, out _))
            {
                return false;
            }

            address = address << 8 | value;
            text = text[digits..];
            if (part < 3)
            {
                if (text is not [(byte)'.', ..])
                {
                    return false;
                }

                text = text[1..];
            }
        }

        return text.IsEmpty;
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
