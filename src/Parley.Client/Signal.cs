using System.Threading.Channels;

namespace Parley.Client;

/// <summary>Wakes one waiter, at once or later; any number of settings before that count as one.</summary>
sealed class Signal
{
    readonly Channel<bool> _channel = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <param name="isSet">Set from the start, it is a turn: who waits has it until they set it again.</param>
    public Signal(bool isSet = false)
    {
        if (isSet) Set();
    }

    public void Set() => _channel.Writer.TryWrite(true);

    public async Task WaitAsync(CancellationToken ct) => await _channel.Reader.ReadAsync(ct);
}
