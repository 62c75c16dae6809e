namespace Vedette.Platforms.Aks;

/// <summary>
/// Days that Log Analytics takes: a workspace from 30 to 730 of interactive retention; a table from 4 to 730, and in all those or whole years up to twelve
/// (Azure Monitor, "Manage data retention in a Log Analytics workspace").
/// </summary>
internal static class AzureRetention
{
    /// <summary>Longest interactive retention.</summary>
    public const int MaxInteractive = 730;

    private static readonly int[] s_years = [1095, 1460, 1826, 2191, 2556, 2922, 3288, 3653, 4018, 4383];

    /// <summary>Of a workspace: the shortest that is long enough, or the longest.</summary>
    public static int Workspace(int days) => Math.Clamp(days, 30, MaxInteractive);

    /// <summary>Of a table, searchable at once.</summary>
    public static int Interactive(int days) => Math.Clamp(days, 4, MaxInteractive);

    /// <summary>Of a table, in all: the shortest that is long enough.</summary>
    public static int Total(int days) => days <= MaxInteractive ? Interactive(days) : s_years.FirstOrDefault(years => years >= days, s_years[^1]);
}
