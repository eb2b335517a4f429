using System.Globalization;
using Parley.Wire.OpenIM;

namespace Parley.Client.Connection;

/// <summary>Matches answers with questions by <c>msgIncr</c>. Safe for any thread.</summary>
sealed class PendingRequests(string userId)
{
    readonly Lock _turn = new();
    readonly Dictionary<string, Question> _open = [];
    long _last;
    bool _closed;

    public int Count { get { lock (_turn) return _open.Count; } }

    /// <returns>The id to send, and the answer to come. <see cref="Forget"/> it in any case.</returns>
    /// <exception cref="ParleyException">The link has ended.</exception>
    public (string MsgIncr, Task<ResponseEnvelope> Answer) Open(int reqIdentifier)
    {
        lock (_turn)
        {
            if (_closed) throw Lost();
            var msgIncr = string.Create(CultureInfo.InvariantCulture, $"{userId}_{++_last}");
            var question = new Question(reqIdentifier, new(TaskCreationOptions.RunContinuationsAsynchronously));
            _open.Add(msgIncr, question);
            return (msgIncr, question.Answer.Task);
        }
    }

    /// <returns>False for an answer nobody waits for (any more).</returns>
    public bool Answer(in ResponseEnvelope response)
    {
        lock (_turn)
        {
            if (!_open.TryGetValue(response.MsgIncr, out var question) || question.ReqIdentifier != response.ReqIdentifier) return false;
            _open.Remove(response.MsgIncr);
            return question.Answer.TrySetResult(response);
        }
    }

    public void Forget(string msgIncr)
    {
        lock (_turn) _open.Remove(msgIncr);
    }

    /// <summary>Fails what is open and what would be opened.</summary>
    public void Close()
    {
        lock (_turn)
        {
            _closed = true;
            foreach (var question in _open.Values) question.Answer.TrySetException(Lost());
            _open.Clear();
        }
    }

    public static ParleyException Lost() => new(ParleyException.NotConnected, "The connection was lost before the answer came.");

    sealed record Question(int ReqIdentifier, TaskCompletionSource<ResponseEnvelope> Answer);
}
