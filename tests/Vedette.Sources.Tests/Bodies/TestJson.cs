using System.Text.Json.Serialization;

namespace Vedette.Sources.Tests.Bodies;

[JsonSerializable(typeof(string))]
internal sealed partial class TestJson : JsonSerializerContext;
