using System.Text;
using System.Text.Unicode;

namespace Vedette.Server.Endpoints;

/// <summary>Events as they are answered: what is stored byte for byte may have bytes that are no UTF-8, and an answer in JSON may not.</summary>
internal static class EventText
{
    /// <summary>The event, with U+FFFD for what is no text; itself where all of it is.</summary>
    public static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> stored) => Utf8.IsValid(stored) ? stored : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(stored));
}
