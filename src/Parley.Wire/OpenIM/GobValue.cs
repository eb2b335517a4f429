namespace Parley.Wire.OpenIM;

/// <summary>The one struct value in a gob frame, its members matched to a <see cref="GobShape"/> by name.</summary>
/// <remarks>
/// A frame is a stream of its own: <c>(length | -id | definition)* length | id | value</c>. Definitions are passed over by their length;
/// only that of the value's type is looked into.
/// </remarks>
ref struct GobValue
{
    /// <summary>Most members a struct in the stream may have; the envelopes have six.</summary>
    public const int MaxMembers = 32;

    const int MaxDefinitions = 8;

    readonly ReadOnlySpan<Member> _members;
    GobReader _reader;
    int _index = -1;

    /// <param name="room">Where the members found in the stream are kept: <see cref="MaxMembers"/> of them.</param>
    public GobValue(ReadOnlySpan<byte> frame, GobShape shape, Span<Member> room)
    {
        Span<(long Id, int At, int End)> definitions = stackalloc (long, int, int)[MaxDefinitions];
        int count = 0;
        var stream = new GobReader(frame, 0);
        while (true)
        {
            int at = stream.At;
            var message = stream.ReadMessage();
            long id = message.ReadInt();
            if (id < 0)
            {
                if (count == MaxDefinitions)
                    throw new MalformedFrameException("gob stream", at, "another type definition", $"{MaxDefinitions} and then a value");
                definitions[count++] = (-id, message.At, message.End);
                continue;
            }
            if (stream.At != stream.End)
                throw new MalformedFrameException("gob stream", stream.At, $"{stream.End - stream.At} bytes behind the value", "none");

            foreach (var definition in definitions[..count])
            {
                if (definition.Id != id) continue;
                _members = ReadDefinition(new GobReader(frame[..definition.End], definition.At), shape, room);
                _reader = message;
                return;
            }
            throw new MalformedFrameException("gob value", at, $"type {id}", "a type the frame has defined");
        }
    }

    /// <summary>Goes to the next member the shape knows; its value must then be read.</summary>
    /// <returns>False at the end of the value, which is also the end of the frame.</returns>
    public bool Next(out int member)
    {
        while (true)
        {
            int at = _reader.At;
            ulong delta = _reader.ReadUint();
            if (delta == 0) break;
            if (delta > (ulong)(_members.Length - 1 - _index))
                throw new MalformedFrameException("gob member", at, $"a step of {delta}", $"at most {_members.Length - 1 - _index}");
            _index += (int)delta;
            member = _members[_index].Index;
            if (member >= 0) return true;
            _reader.Skip(_members[_index].Type);
        }
        if (_reader.At != _reader.End)
            throw new MalformedFrameException("gob value", _reader.At, $"{_reader.End - _reader.At} bytes behind its end", "none");
        member = -1;
        return false;
    }

    public int ReadInt32()
    {
        int at = _reader.At;
        // What one side declares as int the other may declare as uint.
        if (_members[_index].Type == GobType.Uint)
        {
            ulong unsigned = _reader.ReadUint();
            return unsigned <= int.MaxValue ? (int)unsigned : throw TooLarge(at, unsigned.ToString());
        }
        long value = _reader.ReadInt();
        return value is >= int.MinValue and <= int.MaxValue ? (int)value : throw TooLarge(at, value.ToString());
    }

    public string ReadText() => _reader.ReadText("gob string");

    /// <returns>Where the bytes lie in the frame.</returns>
    public (int At, int Length) ReadBytes()
    {
        int length = _reader.ReadBytes("gob bytes").Length;
        return (_reader.At - length, length);
    }

    /// <summary><c>03 common fields 00</c>, see the README; steps are read as such, since a zero value leaves its member out.</summary>
    static ReadOnlySpan<Member> ReadDefinition(GobReader reader, GobShape shape, Span<Member> room)
    {
        int at = reader.At;
        if (reader.ReadUint() is not 3 and var kind) throw new MalformedFrameException("gob definition", at, $"kind {kind}", "a struct");

        int count = 0, index = 0;
        while (true)
        {
            at = reader.At;
            ulong step = reader.ReadUint();
            if (step == 0) break;
            if (step > (ulong)(2 - index))
                throw new MalformedFrameException("gob definition", at, $"a step of {step}", $"at most {2 - index}");
            index += (int)step;
            if (index == 1) ReadNameAndId(ref reader, "gob type name", out _, out _);
            else count = ReadFields(ref reader, shape, room);
        }
        at = reader.At;
        if (reader.ReadUint() is not 0 and var more)
            throw new MalformedFrameException("gob definition", at, $"a step of {more}", "its end");
        if (reader.At != reader.End)
            throw new MalformedFrameException("gob definition", reader.At, $"{reader.End - reader.At} bytes behind its end", "none");
        return room[..count];
    }

    static int ReadFields(ref GobReader reader, GobShape shape, Span<Member> room)
    {
        int at = reader.At;
        ulong count = reader.ReadUint();
        if (count > (ulong)room.Length)
            throw new MalformedFrameException("gob definition", at, $"{count} fields", $"at most {room.Length}");
        for (int i = 0; i < (int)count; i++)
        {
            at = reader.At;
            ReadNameAndId(ref reader, "gob field name", out var name, out long id);
            var type = id is 1 or 2 or 3 or 5 or 6 ? (GobType)id : GobType.Unknown;
            int index = shape.Find(name);
            if (index >= 0 && !Fits(shape.TypeOf(index), type))
                throw new MalformedFrameException("gob field", at, $"type {id}", $"{shape.TypeOf(index)} for member {index}");
            room[i] = new Member((sbyte)index, type);
        }
        return (int)count;
    }

    /// <summary>The shared form of a type's and a field's head: <c>[01 name] [01 or 02 id] 00</c>.</summary>
    static void ReadNameAndId(ref GobReader reader, string what, out ReadOnlySpan<byte> name, out long id)
    {
        name = default;
        id = 0;
        int index = 0;
        while (true)
        {
            int at = reader.At;
            ulong step = reader.ReadUint();
            if (step == 0) return;
            if (step > (ulong)(2 - index)) throw new MalformedFrameException(what, at, $"a step of {step}", $"at most {2 - index}");
            index += (int)step;
            if (index == 1) name = reader.ReadBytes(what);
            else id = reader.ReadInt();
        }
    }

    static bool Fits(GobType ours, GobType theirs) => ours == theirs || (ours == GobType.Int && theirs == GobType.Uint);

    static MalformedFrameException TooLarge(int at, string found) => new("gob integer", at, found, "32 bits with a sign");

    /// <param name="Index">Which member of the shape it is, or -1.</param>
    public readonly record struct Member(sbyte Index, GobType Type);
}
