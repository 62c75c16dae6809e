using System.Collections.Immutable;

namespace Vedette.Platforms.Eks;

/// <summary>The days that log groups can be kept (CloudWatch Logs API, PutRetentionPolicy); a group without a policy keeps for ever.</summary>
internal static class CloudWatchRetention
{
    /// <summary>What the API takes.</summary>
    public static ImmutableArray<int> Days { get; } = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

    /// <summary>What eksctl takes (v1alpha5, cloudwatch.go).</summary>
    public static ImmutableArray<int> EksctlDays { get; } = [.. Days.Except([1096, 2192, 2557, 2922, 3288])];

    /// <summary>The shortest that is long enough.</summary>
    public static int AtLeast(int days, ImmutableArray<int> allowed) => allowed.FirstOrDefault(value => value >= days, allowed[^1]);
}
