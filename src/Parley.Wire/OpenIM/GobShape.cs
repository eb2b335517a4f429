using System.Text;

namespace Parley.Wire.OpenIM;

/// <summary>A struct as we know it: the names and types of its members, and the gob message that defines it to a reader.</summary>
sealed class GobShape
{
    /// <summary>The id our definitions carry; readers take whatever id the stream says.</summary>
    public const int TypeId = 64;

    readonly byte[][] _names;
    readonly GobType[] _types;
    readonly byte[] _definition;

    public GobShape(string name, params ReadOnlySpan<(string Name, GobType Type)> members)
    {
        _names = new byte[members.Length][];
        _types = new GobType[members.Length];
        for (int i = 0; i < members.Length; i++)
        {
            _names[i] = Encoding.UTF8.GetBytes(members[i].Name);
            _types[i] = members[i].Type;
        }
        _definition = Define(name, members);
    }

    /// <summary>The whole message, its length included; the same in every frame.</summary>
    public ReadOnlySpan<byte> Definition => _definition;

    /// <returns>The index of the member, or -1.</returns>
    public int Find(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < _names.Length; i++)
        {
            if (name.SequenceEqual(_names[i])) return i;
        }
        return -1;
    }

    public GobType TypeOf(int member) => _types[member];

    static byte[] Define(string name, ReadOnlySpan<(string Name, GobType Type)> members)
    {
        var content = new byte[127];
        var writer = new GobWriter(content);
        writer.WriteInt(-TypeId);
        writer.WriteUint(3);                              // wireType.StructT
        {
            writer.WriteUint(1);                          // structType.CommonType
            WriteName(ref writer, name);                  // CommonType.Name
            writer.WriteUint(1);                          // CommonType.Id
            writer.WriteInt(TypeId);
            writer.WriteUint(0);
            writer.WriteUint(1);                          // structType.Field
            writer.WriteUint((uint)members.Length);
            foreach (var (member, type) in members)
            {
                WriteName(ref writer, member);            // fieldType.Name
                writer.WriteUint(1);                      // fieldType.Id
                writer.WriteInt((int)type);
                writer.WriteUint(0);
            }
            writer.WriteUint(0);
        }
        writer.WriteUint(0);

        // Our structs are about 100 bytes: the buffer holds no more than the one-byte form of a length can say.
        return [(byte)writer.Written, .. content.AsSpan(0, writer.Written)];
    }

    static void WriteName(ref GobWriter writer, string name)
    {
        writer.WriteUint(1);
        writer.WriteUint((uint)name.Length);
        writer.Append(Encoding.UTF8.GetBytes(name));
    }
}
