using System.Buffers;
using System.Text;
using BenchmarkDotNet.Attributes;
using Parley.Core.Messages;
using Parley.Core.Records;
using Parley.Core.Users;
using Parley.Wire.OpenIM;

namespace Parley.Benchmarks.Records;

/// <summary>The codecs that a message passes on its way, by BenchmarkDotNet: its record, and the two envelopes of the OpenIM edge.</summary>
[MemoryDiagnoser]
public class CodecBenchmarks
{
    public const string Verb = "codecs";

    readonly TaggedWriter _writer = new();
    readonly ArrayBufferWriter<byte> _output = new(4_096);
    readonly MessageSent _message = new(new Message(new UserNumber(1), "0123456789abcdef0123456789abcdef", ContentKind.Text, Encoding.UTF8.GetBytes("""{"content":"as long as most lines that people write to each other"}"""), 1, 5)
    {
        SenderNickname = "Somebody",
        SenderFaceUrl = "https://example.org/faces/somebody.png",
    });
    readonly ResponseEnvelope _push = new(2001, 0, "", "", "0b1e7f2c-5c1c-4d5e-8a3c-2f6f0a6f8f11", new byte[300]);
    readonly byte[] _record, _gob, _json;

    public CodecBenchmarks()
    {
        _message.Write(_writer);
        _record = _writer.Written.ToArray();
        var request = new RequestEnvelope(1003, "", "somebody", "0b1e7f2c-5c1c-4d5e-8a3c-2f6f0a6f8f11", "somebody_17_1", new byte[300]);
        GobEnvelope.Write(_output, request);
        _gob = _output.WrittenSpan.ToArray();
        _output.ResetWrittenCount();
        JsonEnvelope.Write(_output, request);
        _json = _output.WrittenSpan.ToArray();
    }

    [Benchmark]
    public int WriteRecord()
    {
        _writer.Clear();
        _message.Write(_writer);
        return _writer.Length;
    }

    [Benchmark]
    public object? ReadRecord() => Record.Read(RecordTypes.MessageSent, _record);

    [Benchmark]
    public int ReadGob() => GobEnvelope.ReadRequest(_gob).Data.Length;

    [Benchmark]
    public int WriteGob()
    {
        _output.ResetWrittenCount();
        GobEnvelope.Write(_output, _push);
        return _output.WrittenCount;
    }

    [Benchmark]
    public int ReadJson() => JsonEnvelope.ReadRequest(_json).Data.Length;

    [Benchmark]
    public int WriteJson()
    {
        _output.ResetWrittenCount();
        JsonEnvelope.Write(_output, _push);
        return _output.WrittenCount;
    }
}
