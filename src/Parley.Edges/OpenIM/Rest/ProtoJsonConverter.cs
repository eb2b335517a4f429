using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Parley.Edges.OpenIM.Rest;

/// <summary>
/// Writes protobuf messages as OpenIM's REST API does: the field's own name, every field, 64-bit integers as numbers, bytes as base64. (Protobuf's own JSON does
/// none of these.)
/// </summary>
sealed class ProtoJsonConverter : JsonConverter<IMessage>
{
    public override bool CanConvert(Type typeToConvert) => typeof(IMessage).IsAssignableFrom(typeToConvert);

    public override IMessage Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, IMessage value, JsonSerializerOptions options) => Write(writer, value);

    static void Write(Utf8JsonWriter writer, IMessage message)
    {
        writer.WriteStartObject();
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            writer.WritePropertyName(field.Name);
            var value = field.Accessor.GetValue(message);
            if (field.IsMap) WriteMap(writer, field, (IDictionary)value);
            else if (field.IsRepeated) WriteList(writer, field, (IList)value);
            else WriteValue(writer, field, value);
        }

        writer.WriteEndObject();
    }

    static void WriteMap(Utf8JsonWriter writer, FieldDescriptor field, IDictionary map)
    {
        var valueField = field.MessageType.FindFieldByNumber(2);
        writer.WriteStartObject();
        foreach (DictionaryEntry entry in map)
        {
            writer.WritePropertyName((string)entry.Key);
            WriteValue(writer, valueField, entry.Value);
        }

        writer.WriteEndObject();
    }

    static void WriteList(Utf8JsonWriter writer, FieldDescriptor field, IList list)
    {
        writer.WriteStartArray();
        foreach (var item in list) WriteValue(writer, field, item);
        writer.WriteEndArray();
    }

    static void WriteValue(Utf8JsonWriter writer, FieldDescriptor field, object? value)
    {
        switch (value)
        {
            case null: writer.WriteNullValue(); break;
            case string text: writer.WriteStringValue(text); break;
            case bool flag: writer.WriteBooleanValue(flag); break;
            case int number: writer.WriteNumberValue(number); break;
            case uint number: writer.WriteNumberValue(number); break;
            case long number: writer.WriteNumberValue(number); break;
            case ulong number: writer.WriteNumberValue(number); break;
            case ByteString bytes: writer.WriteBase64StringValue(bytes.Span); break;
            case IMessage message: Write(writer, message); break;
            default: throw new NotSupportedException($"No JSON for {field.FullName}.");
        }
    }
}
