using System.Text.Json.Serialization;

namespace Vedette.Audit.Tests.Shapes;

[JsonSerializable(typeof(string))]
internal sealed partial class JsonContext : JsonSerializerContext;
