using Parley.Client;

namespace Parley.Server.Chat;

/// <summary>A conversation in a terminal: lines typed are sent, what happens is printed. One peer at a time, changed with <c>/to</c>.</summary>
sealed class Terminal(ParleyClient client, string? peer, TextReader input, TextWriter output)
{
    const int HistoryLength = 20;

    readonly Lock _gate = new();

    /// <summary>Client message ids sent from here and not ticked yet.</summary>
    readonly HashSet<string> _unconfirmed = [];

    public async Task RunAsync(CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var listening = ListenAsync(ending.Token);
        if (peer is not null) await ShowHistoryAsync(peer, ending.Token);
        else Print("Type /to USER to choose whom you talk to, /help for more.");

        var typing = TypeAsync(ending.Token);
        await await Task.WhenAny(listening, typing);
        await ending.CancelAsync();
    }

    async Task TypeAsync(CancellationToken cancellation)
    {
        while (await input.ReadLineAsync(cancellation) is { } line)
        {
            var words = line.Split(' ', 2, StringSplitOptions.TrimEntries);
            switch (words[0])
            {
                case "": break;
                case "/quit": return;
                case "/help": Print("/to USER  talk to someone   /list  conversations   /history  older messages again   /quit"); break;
                case "/list": await ListConversationsAsync(cancellation); break;
                case "/to" when words.Length == 2:
                    peer = words[1];
                    await ShowHistoryAsync(peer, cancellation);
                    break;
                case "/history" when peer is not null: await ShowHistoryAsync(peer, cancellation); break;
                case var command when command[0] == '/': Print($"? {command}: see /help"); break;
                default: await SendAsync(line, cancellation); break;
            }
        }

        // The end of piped input: let what was typed go out before leaving.
        string[] unconfirmed;
        lock (_gate) unconfirmed = [.. _unconfirmed];
        foreach (var message in unconfirmed)
            await client.WaitSentAsync(message, cancellation).WaitAsync(TimeSpan.FromSeconds(15), cancellation);
    }

    async Task SendAsync(string text, CancellationToken cancellation)
    {
        if (peer is null)
        {
            Print("Nobody to talk to yet: /to USER");
            return;
        }

        try
        {
            var message = await client.SendTextAsync(peer, text, cancellation);
            lock (_gate) _unconfirmed.Add(message.ClientMessageId);
            if (client.Connection != ConnectionState.Connected) Print("  … waiting for the server; it will be sent");
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            Print($"  ✗ {e.Message}");
        }
    }

    async Task ListenAsync(CancellationToken cancellation)
    {
        await foreach (var happened in client.Events.ReadAllAsync(cancellation))
            switch (happened)
            {
                case ParleyEvent.ConnectionChanged { State: ConnectionState.Connected }: Print("— connected"); break;
                case ParleyEvent.ConnectionChanged { State: ConnectionState.Offline } offline: Print($"— offline ({offline.Reason ?? "no server"}); trying again"); break;
                case ParleyEvent.MessagesReceived received:
                    foreach (var message in received.Messages)
                        if (message.SenderId != client.UserId) Show(message);
                    if (peer is not null && received.Messages.Any(message => message.SenderId == peer)) await client.MarkReadAsync(received.ConversationId, cancellation);
                    break;
                case ParleyEvent.MessageSent sent:
                    bool first;
                    lock (_gate) first = _unconfirmed.Remove(sent.Message.ClientMessageId);
                    if (first) Print($"  ✓ stored on the server: {sent.Message.Text}");
                    break;
                case ParleyEvent.MessageFailed failed:
                    lock (_gate) _unconfirmed.Remove(failed.Message.ClientMessageId);
                    Print($"  ✗ refused ({failed.Message.ErrorCode}): {failed.Message.Text}");
                    break;
                case ParleyEvent.Kicked: Print("— another device took this session's place"); return;
                case ParleyEvent.TokenRefused refused: Print($"— the server refused the token: {refused.Reason}"); return;
            }
    }

    async Task ShowHistoryAsync(string user, CancellationToken cancellation)
    {
        Print($"— you and {user}");
        foreach (var message in await client.GetHistoryAsync(client.ConversationWith(user), count: HistoryLength, ct: cancellation)) Show(message);
    }

    async Task ListConversationsAsync(CancellationToken cancellation)
    {
        foreach (var conversation in await client.GetConversationsAsync(cancellation))
            Print($"  {conversation.PeerId}  {(conversation.Unread > 0 ? $"({conversation.Unread} new)  " : "")}{conversation.LastMessage?.Text}");
    }

    void Show(Message message)
    {
        var mark = message.State switch { MessageState.Unsent => " …", MessageState.Failed => " ✗", _ => "" };
        Print($"[{message.SentAt.ToLocalTime():HH:mm}] {message.SenderId}: {Plain(message.Text ?? $"(content {message.ContentType})")}{mark}");
    }

    /// <summary>A message must not move the cursor or colour someone's terminal.</summary>
    static string Plain(string text) => string.Concat(text.Select(c => char.IsControl(c) && c is not '\n' ? '�' : c));

    void Print(string line)
    {
        lock (_gate) output.WriteLine(line);
    }
}
