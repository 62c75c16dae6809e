using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Vedette.Benchmarks.Work;

/// <summary>What this build of the worker may use.</summary>
internal static class Instructions
{
    /// <summary>The widest vectors that the compiler took for granted or found at start.</summary>
    public static string Name => Vector512.IsHardwareAccelerated ? "Vector512" : Avx2.IsSupported ? "AVX2" : Vector128.IsHardwareAccelerated ? "Vector128" : "scalar";
}
