using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Vedette.Server.Endpoints;

/// <summary>Values of a query.</summary>
internal static class QueryText
{
    /// <summary>A whole number within bounds.</summary>
    public static bool TryNumber(IQueryCollection query, string name, long otherwise, long least, long most, out long number)
    {
        number = otherwise;
        return !query.TryGetValue(name, out Microsoft.Extensions.Primitives.StringValues text)
            || (long.TryParse(text.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least && number <= most);
    }
}
