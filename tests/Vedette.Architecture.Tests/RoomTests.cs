using System.Text.RegularExpressions;
using System.Xml.Linq;
using Vedette.Tests;
using Xunit;

namespace Vedette.Architecture.Tests;

/// <summary>Holds the project files against the table of rooms in ARCHITECTURE.md.</summary>
public partial class RoomTests
{
    private static readonly Dictionary<string, string[]> s_declared = Row().Matches(File.ReadAllText(Path.Combine(SharedData.Root, "ARCHITECTURE.md")))
        .ToDictionary(
            row => row.Groups["room"].Value,
            row => Regex.Matches(row.Groups["arrows"].Value, "[A-Z][A-Za-z]+").Select(name => "Vedette." + name.Value).Order(StringComparer.Ordinal).ToArray(),
            StringComparer.Ordinal);

    private static readonly Dictionary<string, XDocument> s_projects = Directory.EnumerateFiles(Path.Combine(SharedData.Root, "src"), "*.csproj", SearchOption.AllDirectories)
        .ToDictionary(file => Path.GetFileNameWithoutExtension(file), file => XDocument.Load(file), StringComparer.Ordinal);

    public static TheoryData<string> Rooms => [.. s_projects.Keys.Order(StringComparer.Ordinal)];

    [Fact]
    public void Every_room_is_in_the_table_and_nothing_else() =>
        Assert.Equal(s_projects.Keys.Order(StringComparer.Ordinal), s_declared.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_references_exactly_what_the_table_says(string room) => Assert.Equal(s_declared[room], References(room));

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_uses_the_namespaces_of_rooms_it_references_only(string room)
    {
        foreach (string file in Directory.EnumerateFiles(Path.Combine(SharedData.Root, "src", room), "*.cs", SearchOption.AllDirectories))
        {
            string text = File.ReadAllText(file);
            Assert.All(
                Regex.Matches(text, @"\bVedette\.[A-Z]\w+").Select(name => name.Value).Distinct(StringComparer.Ordinal),
                name => Assert.True(name == room || s_declared[room].Contains(name, StringComparer.Ordinal), $"{file} names {name}"));
        }
    }

    [Fact]
    public void The_audit_format_needs_no_package() => Assert.Empty(s_projects["Vedette.Audit"].Descendants("PackageReference"));

    [Fact]
    public void No_arrow_goes_round()
    {
        foreach (string room in s_projects.Keys)
        {
            Assert.DoesNotContain(room, Reachable(room));
        }
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        string solution = File.ReadAllText(Path.Combine(SharedData.Root, "Vedette.slnx"));
        foreach (string top in new[] { "src", "tests", "bench" })
        {
            foreach (string file in Directory.EnumerateFiles(Path.Combine(SharedData.Root, top), "*.csproj", SearchOption.AllDirectories))
            {
                Assert.Contains(Path.GetRelativePath(SharedData.Root, file).Replace('\\', '/'), solution, StringComparison.Ordinal);
            }
        }
    }

    // What only runs when a room is built is no part of it.
    private static string[] References(string room) =>
        [.. s_projects[room].Descendants("ProjectReference").Where(item => item.Attribute("ReferenceOutputAssembly")?.Value != "false").Select(item => Path.GetFileNameWithoutExtension(item.Attribute("Include")!.Value)).Order(StringComparer.Ordinal)];

    private static HashSet<string> Reachable(string room)
    {
        HashSet<string> found = new(StringComparer.Ordinal);
        Stack<string> open = new(References(room));
        while (open.TryPop(out string? next))
        {
            if (found.Add(next))
            {
                foreach (string further in References(next))
                {
                    open.Push(further);
                }
            }
        }

        return found;
    }

    [GeneratedRegex(@"^\| `(?<room>Vedette\.\w+)` \|.*\| (?<arrows>[^|]*) \|$", RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Row();
}
