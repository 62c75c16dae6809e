using System.Text;
using System.Text.Json;
using Vedette.Documents.Manifests;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Tests.Tools;
using Xunit;

namespace Vedette.Platforms.Tests.Eks;

/// <summary>The stack against AWS's own specification of resources, as the CDK carries it.</summary>
public class CloudFormationTests
{
    [Theory]
    [InlineData(Backend.Log)]
    [InlineData(Backend.Both)]
    public void Every_resource_has_the_properties_that_the_specification_knows_and_needs(Backend backend)
    {
        using JsonDocument specification = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Tool.Module("@aws-cdk/cfnspec"), "spec", "specification.json")));
        using SetupFixture setup = SetupFixture.Render("eks", backend);
        ManifestMap template = Assert.IsType<ManifestMap>(Manifest.Read(Encoding.UTF8.GetBytes(setup.Text("cloudformation.yaml"))).Root);
        List<string> wrong = [];
        foreach (ManifestMember resource in ((ManifestMap)Member(template, "Resources")!).Members)
        {
            ManifestMap body = (ManifestMap)resource.Value;
            string type = ((ManifestText)Member(body, "Type")!).Value;
            JsonElement known = specification.RootElement.GetProperty("ResourceTypes").GetProperty(type);
            Check(resource.Name, (ManifestMap)Member(body, "Properties")!, known, type, specification.RootElement, wrong);
        }

        Assert.Equal("", string.Join('\n', wrong));
    }

    private static void Check(string place, ManifestMap given, JsonElement known, string type, JsonElement specification, List<string> wrong)
    {
        JsonElement properties = known.GetProperty("Properties");
        wrong.AddRange(properties.EnumerateObject()
            .Where(property => property.Value.TryGetProperty("Required", out JsonElement required) && required.GetBoolean() && Member(given, property.Name) is null)
            .Select(property => $"{place} lacks {property.Name}"));
        foreach (ManifestMember member in given.Members)
        {
            if (!properties.TryGetProperty(member.Name, out JsonElement property))
            {
                wrong.Add($"{place} has no {member.Name}");
                continue;
            }

            string? inner = property.TryGetProperty("ItemType", out JsonElement item) ? item.GetString() : property.TryGetProperty("Type", out JsonElement own) ? own.GetString() : null;
            if (inner is null || !specification.GetProperty("PropertyTypes").TryGetProperty($"{type}.{inner}", out JsonElement shape) || !shape.TryGetProperty("Properties", out _))
            {
                continue;
            }

            foreach (ManifestNode node in member.Value is ManifestList list ? [.. list.Items] : (ManifestNode[])[member.Value])
            {
                if (node is ManifestMap map && !map.Members.Any(inside => inside.Name is "Ref" || inside.Name.StartsWith("Fn::", StringComparison.Ordinal)))
                {
                    Check($"{place}.{member.Name}", map, shape, type, specification, wrong);
                }
            }
        }
    }

    private static ManifestNode? Member(ManifestMap map, string name) => map.Members.FirstOrDefault(member => member.Name == name)?.Value;
}
