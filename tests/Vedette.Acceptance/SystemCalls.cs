using System.Buffers.Binary;
using System.Globalization;
using System.Text.RegularExpressions;
using Vedette.Tests;
using Xunit;

namespace Vedette.Acceptance;

/// <summary>
/// The filter of system calls that systemd makes of a unit's lines, as a program for the kernel (man 2 seccomp): SystemCallFilter, MemoryDenyWriteExecute, RestrictAddressFamilies and RestrictNamespaces.
/// Which calls a set has, systemd-analyze says; which number a call has, the kernel's header.
/// </summary>
internal sealed partial class SystemCalls
{
    private const string Header = "/usr/include/x86_64-linux-gnu/asm/unistd_64.h";
    private const uint Allow = 0x7fff0000;
    private const uint Refuse = 0x00050000;
    private const uint NotPermitted = 1;
    private const uint NotThere = 38;
    private const uint NoSuchFamily = 97;

    private readonly List<byte> _program = [];
    private readonly Dictionary<string, uint> _numbers;

    private SystemCalls(Dictionary<string, uint> numbers) => _numbers = numbers;

    /// <summary>The filter of a unit; skips the test where what is needed for it is not here.</summary>
    public static byte[] Filter(string unit)
    {
        Assert.SkipUnless(File.Exists(Header), $"not here: {Header}");
        SystemCalls filter = new(Number().Matches(File.ReadAllText(Header)).ToDictionary(
            match => match.Groups["name"].Value, match => uint.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture), StringComparer.Ordinal));
        HashSet<string> allowed = new(StringComparer.Ordinal);
        foreach (Match line in FilterLine().Matches(unit))
        {
            foreach (string set in line.Groups["sets"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                IEnumerable<string> calls = CallsOf(set);
                if (line.Groups["not"].Success)
                {
                    allowed.ExceptWith(calls);
                }
                else
                {
                    allowed.UnionWith(calls);
                }
            }
        }

        filter.Write(allowed);
        return [.. filter._program];
    }

    private static IEnumerable<string> CallsOf(string set)
    {
        if (!set.StartsWith('@'))
        {
            return [set];
        }

        (int exit, string output) = OtherProgram.Run("systemd-analyze", "", [], "syscall-filter", "--no-pager", set);
        Assert.True(exit == 0, output);
        return output.Split('\n').Skip(1).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#').SelectMany(CallsOf).ToArray();
    }

    private void Write(HashSet<string> allowed)
    {
        // Architecture, else nothing; then the number of the call, which stays loaded.
        Add(0x20, 0, 0, 4);
        Add(0x15, 1, 0, 0xc000003e);
        Add(0x06, 0, 0, 0x80000000);
        Add(0x20, 0, 0, 0);

        // Memory that can be written and executed: mmap with both, mprotect with the second.
        WhenAnd("mmap", argument: 2, mask: 6, isAll: true, NotPermitted);
        WhenAnd("mprotect", argument: 2, mask: 4, isAll: false, NotPermitted);
        WhenAnd("pkey_mprotect", argument: 2, mask: 4, isAll: false, NotPermitted);
        WhenAnd("shmat", argument: 2, mask: 0x8000, isAll: false, NotPermitted);

        // Namespaces. What clone3 asks for is in memory, where no filter sees it: it is not there, and the C library takes clone.
        WhenAnd("clone", argument: 0, mask: 0x7e020080, isAll: false, NotPermitted);
        Always("clone3", NotThere);
        Always("unshare", NotPermitted);
        Always("setns", NotPermitted);

        // AF_UNIX, AF_INET, AF_INET6.
        Add(0x15, 0, 6, _numbers["socket"]);
        Add(0x20, 0, 0, 16);
        Add(0x15, 3, 0, 1);
        Add(0x15, 2, 0, 2);
        Add(0x15, 1, 0, 10);
        Add(0x06, 0, 0, Refuse | NoSuchFamily);
        Add(0x06, 0, 0, Allow);
        foreach (string name in allowed.Order(StringComparer.Ordinal))
        {
            // Names of other architectures have no number here.
            if (_numbers.TryGetValue(name, out uint number))
            {
                Add(0x15, 0, 1, number);
                Add(0x06, 0, 0, Allow);
            }
        }

        Add(0x06, 0, 0, Refuse | NotPermitted);
    }

    private void Always(string name, uint error)
    {
        Add(0x15, 0, 1, _numbers[name]);
        Add(0x06, 0, 0, Refuse | error);
    }

    private void WhenAnd(string name, int argument, uint mask, bool isAll, uint error)
    {
        Add(0x15, 0, 5, _numbers[name]);
        Add(0x20, 0, 0, (uint)(16 + 8 * argument));
        Add(0x54, 0, 0, mask);
        Add(0x15, (byte)(isAll ? 0 : 1), (byte)(isAll ? 1 : 0), isAll ? mask : 0);
        Add(0x06, 0, 0, Refuse | error);
        Add(0x06, 0, 0, Allow);
    }

    /// <summary>One instruction (linux/filter.h): code, how many to pass over when true and when false, operand.</summary>
    private void Add(ushort code, byte whenTrue, byte whenFalse, uint operand)
    {
        Span<byte> instruction = stackalloc byte[8];
        BinaryPrimitives.WriteUInt16LittleEndian(instruction, code);
        (instruction[2], instruction[3]) = (whenTrue, whenFalse);
        BinaryPrimitives.WriteUInt32LittleEndian(instruction[4..], operand);
        _program.AddRange(instruction);
    }

    [GeneratedRegex(@"^#define __NR_(?<name>\w+) (?<number>[0-9]+)$", RegexOptions.Multiline)]
    private static partial Regex Number();

    [GeneratedRegex(@"^SystemCallFilter=(?<not>~)?(?<sets>.+)$", RegexOptions.Multiline)]
    private static partial Regex FilterLine();
}
