namespace Vedette.Platforms.Residency;

/// <summary>How a receiver is named to people: by scheme, host and port. What else stands in its address may be a credential (<c>/falco/CLUSTER/TOKEN</c>, a user and a password).</summary>
internal static class ReceiverName
{
    /// <summary>The name of a receiver.</summary>
    /// <param name="address">Its address, or a host.</param>
    public static string Of(string address)
    {
        if (Uri.TryCreate(address, UriKind.Absolute, out Uri? url) && url.Host.Length > 0)
        {
            return $"{url.Scheme}{Uri.SchemeDelimiter}{url.Authority}";
        }

        return address.AsSpan().ContainsAny('/', '@') ? "the receiver" : address;
    }
}
