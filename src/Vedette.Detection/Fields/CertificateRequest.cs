using System.Formats.Asn1;
using System.Text;
using Vedette.Audit.Events;

namespace Vedette.Detection.Fields;

/// <summary>
/// The user and the groups that a CertificateSigningRequest asks for. They stand in the subject of the PKCS#10 request in <c>spec.request</c>: the common name is the user, every
/// organization a group (kubernetes.io/docs/reference/access-authn-authz/authentication, "X509 client certificates").
/// </summary>
internal static class CertificateRequest
{
    /// <summary>Longest <c>spec.request</c> that is decoded, in bytes of Base64; real ones have a few thousand.</summary>
    public const int MaxLength = 64 * 1024;

    private const string CommonName = "2.5.4.3";
    private const string Organization = "2.5.4.10";

    /// <summary>Does the request create a CertificateSigningRequest?</summary>
    public static bool IsCreated(in EventView view) =>
        view[AuditField.ObjectResource].StringEquals("certificatesigningrequests"u8) && view[AuditField.ObjectSubresource].Raw.IsEmpty;

    /// <summary>Adds the user; nothing when the request cannot be read.</summary>
    public static void ReadUser(in EventView view, FieldResolver into) => Read(view, CommonName, into);

    /// <summary>Adds the groups.</summary>
    public static void ReadGroups(in EventView view, FieldResolver into) => Read(view, Organization, into);

    private static void Read(in EventView view, string attribute, FieldResolver into)
    {
        if (!IsCreated(view) || into.Member(WrittenObject.Of(view, into), "spec"u8, "request"u8).AsString() is not { Length: <= MaxLength } request)
        {
            return;
        }

        try
        {
            ReadSubject(Der(request), attribute, into);
        }
        catch (Exception exception) when (exception is FormatException or AsnContentException)
        {
            // The client's own bytes: not a request in PEM. The API server refuses it too, so there is nothing to say about it.
        }
    }

    /// <summary>The bytes inside the PEM inside the Base64.</summary>
    private static byte[] Der(string request)
    {
        string pem = Encoding.Latin1.GetString(Convert.FromBase64String(request));
        int begin = pem.IndexOf("CERTIFICATE REQUEST-----", StringComparison.Ordinal);
        int end = begin < 0 ? -1 : pem.IndexOf("-----END", begin, StringComparison.Ordinal);
        return end < 0 ? throw new FormatException() : Convert.FromBase64String(pem[(begin + "CERTIFICATE REQUEST-----".Length)..end]);
    }

    /// <summary>RFC 2986: a sequence of the request's information, which is version, subject and more, and its signature.</summary>
    private static void ReadSubject(byte[] der, string attribute, FieldResolver into)
    {
        AsnReader information = new AsnReader(der, AsnEncodingRules.DER).ReadSequence().ReadSequence();
        information.ReadInteger();
        AsnReader subject = information.ReadSequence();
        while (subject.HasData)
        {
            AsnReader set = subject.ReadSetOf(skipSortOrderValidation: true);
            while (set.HasData)
            {
                AsnReader pair = set.ReadSequence();
                if (pair.ReadObjectIdentifier() == attribute && IsText(pair.PeekTag(), out UniversalTagNumber type))
                {
                    into.AddText(pair.ReadCharacterString(type));
                }
            }
        }
    }

    /// <summary>The types of text that RFC 5280 (DirectoryString, and IA5String as met) lets stand in a name.</summary>
    private static bool IsText(Asn1Tag tag, out UniversalTagNumber type)
    {
        type = (UniversalTagNumber)tag.TagValue;
        return tag.TagClass == TagClass.Universal
            && (type is UniversalTagNumber.UTF8String or UniversalTagNumber.PrintableString or UniversalTagNumber.IA5String or UniversalTagNumber.T61String or UniversalTagNumber.BMPString);
    }
}
