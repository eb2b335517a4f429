using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Parley.Benchmarks.Load;

/// <summary>Waits for many sockets on one thread, with as little between kernel and caller as can be: epoll(7), level-triggered, for reading.</summary>
sealed partial class EventPoll : IDisposable
{
    const int MaxEvents = 256;
    const int AddOperation = 1, ReadEvent = 1, Interrupted = 4;

    // struct epoll_event { u32 events; u64 data }, packed on x86-64 alone.
    static readonly int EventBytes = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    readonly int _descriptor = Check(Create(0));
    readonly byte[] _events = new byte[MaxEvents * EventBytes];

    /// <param name="key">Comes back from <see cref="Wait"/> when the descriptor can be read.</param>
    public unsafe void Add(int descriptor, int key)
    {
        Span<byte> @event = stackalloc byte[EventBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(@event, ReadEvent);
        BinaryPrimitives.WriteInt64LittleEndian(@event[^8..], key);
        fixed (byte* pointer = @event) Check(Control(_descriptor, AddOperation, descriptor, pointer));
    }

    /// <returns>How many keys were written to <paramref name="ready"/>; 0 when the time is over.</returns>
    public unsafe int Wait(Span<int> ready, int timeoutMs)
    {
        fixed (byte* pointer = _events)
        {
            var count = WaitFor(_descriptor, pointer, Math.Min(ready.Length, MaxEvents), timeoutMs);
            if (count < 0 && Marshal.GetLastPInvokeError() == Interrupted) return 0;
            Check(count);
            for (var i = 0; i < count; i++) ready[i] = (int)BinaryPrimitives.ReadInt64LittleEndian(_events.AsSpan(((i + 1) * EventBytes) - 8));
            return count;
        }
    }

    public void Dispose() => _ = Close(_descriptor);

    static int Check(int result) => result >= 0 ? result : throw new IOException($"epoll failed with errno {Marshal.GetLastPInvokeError()}.");

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static unsafe partial int Control(int epoll, int operation, int descriptor, byte* @event);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static unsafe partial int WaitFor(int epoll, byte* events, int maxEvents, int timeoutMs);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
