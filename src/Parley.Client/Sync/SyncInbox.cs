using Parley.Wire.OpenIM.Messages;

namespace Parley.Client.Sync;

/// <summary>What happened since the syncer last looked.</summary>
/// <param name="Connected">A new connection stands.</param>
/// <param name="MaxSequences">The server's newest sequences, if it told them.</param>
/// <param name="Pushes">In the order in which they came.</param>
/// <param name="Overflowed">Pushes were dropped behind the last one; the server still has their messages.</param>
sealed record SyncWork(bool Connected, GetMaxSeqResp? MaxSequences, IReadOnlyList<PushMessages> Pushes, bool Overflowed);

/// <summary>
/// The three events that feed the syncer. Posting never waits: the link's reader must go on, or the answer that the syncer waits for would be stuck behind a push.
/// </summary>
/// <param name="maxPushBytes">Pushes beyond are dropped.</param>
sealed class SyncInbox(int maxPushBytes)
{
    // What an empty push costs besides its frame: objects, list entry.
    const int PushOverheadBytes = 512;

    readonly Lock _turn = new();
    readonly Signal _posted = new();
    bool _connected;
    GetMaxSeqResp? _maxSequences;
    List<PushMessages> _pushes = [];
    long _pushBytes;
    bool _overflowed;

    public void Connected() => Post(() => _connected = true);

    public void MaxSequences(GetMaxSeqResp answer) => Post(() => _maxSequences = answer);

    public void Pushed(PushMessages push, int frameBytes) => Post(() =>
    {
        // Once one is dropped the following would only show a gap.
        if (_overflowed || _pushBytes + frameBytes + PushOverheadBytes > maxPushBytes)
        {
            _overflowed = true;
            return;
        }
        _pushes.Add(push);
        _pushBytes += frameBytes + PushOverheadBytes;
    });

    public async Task<SyncWork> TakeAsync(CancellationToken ct)
    {
        await _posted.WaitAsync(ct);
        lock (_turn)
        {
            var work = new SyncWork(_connected, _maxSequences, _pushes, _overflowed);
            (_connected, _maxSequences, _pushes, _pushBytes, _overflowed) = (false, null, [], 0, false);
            return work;
        }
    }

    void Post(Action change)
    {
        lock (_turn) change();
        _posted.Set();
    }
}
