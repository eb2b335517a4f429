using Parley.Client;
using Parley.Client.Messages;

namespace Parley.Server.Chat;

/// <summary>A conversation in a terminal: lines typed are sent, what happens is printed. One peer or group at a time, changed with <c>/to</c> and <c>/in</c>.</summary>
sealed class Terminal(ParleyClient client, string? peer, TextReader input, TextWriter output)
{
    const int HistoryLength = 20;

    Recipient? _to = peer is null ? null : Recipient.User(peer);

    readonly Lock _gate = new();

    /// <summary>Client message ids sent from here and not ticked yet.</summary>
    readonly HashSet<string> _unconfirmed = [];

    public async Task RunAsync(CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var listening = ListenAsync(ending.Token);
        if (_to is { } to) await ShowHistoryAsync(to, ending.Token);
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
                case "/help": Print("/to USER  talk to someone   /in GROUP  to a group   /list  conversations   /history  older messages again   /recall  your last message   /quit\n" + GroupCommands.Help); break;
                case "/list": await ListConversationsAsync(cancellation); break;
                case "/to" when words.Length == 2:
                    await TurnToAsync(Recipient.User(words[1]), cancellation);
                    break;
                case "/in" when words.Length == 2: await TurnToAsync(Recipient.Group(words[1]), cancellation); break;
                case "/history" when _to is { } to: await ShowHistoryAsync(to, cancellation); break;
                case var command when command[0] == '/': await AskAsync(command, words.Length > 1 ? words[1] : "", cancellation); break;
                default: await SendAsync(line, cancellation); break;
            }
        }

        // The end of piped input: let what was typed go out before leaving.
        string[] unconfirmed;
        lock (_gate) unconfirmed = [.. _unconfirmed];
        foreach (var message in unconfirmed)
            await client.WaitSentAsync(message, cancellation).WaitAsync(TimeSpan.FromSeconds(15), cancellation);
    }

    async Task TurnToAsync(Recipient to, CancellationToken cancellation)
    {
        _to = to;
        await ShowHistoryAsync(to, cancellation);
    }

    async Task AskAsync(string command, string rest, CancellationToken cancellation)
    {
        try
        {
            if (command == "/recall" && _to is { } to) await RecallAsync(client.ConversationWith(to), cancellation);
            else if (!await new GroupCommands(client, Print).TryRunAsync(command, rest.Split(' ', StringSplitOptions.RemoveEmptyEntries), cancellation)) Print($"? {command}: see /help");
        }
        catch (ParleyException e) { Print($"  ✗ {e.Message}"); }
    }

    async Task RecallAsync(string conversation, CancellationToken cancellation)
    {
        var history = await client.GetHistoryAsync(conversation, count: HistoryLength, ct: cancellation);
        if (history.LastOrDefault(message => message.SenderId == client.UserId && message is { State: MessageState.Sent, Sequence: > 0 }) is not { } last) Print("  nothing of yours to recall");
        else await client.Messages.RecallAsync(conversation, last.Sequence, cancellation);
    }

    async Task SendAsync(string text, CancellationToken cancellation)
    {
        if (_to is not { } to)
        {
            Print("Nobody to talk to yet: /to USER");
            return;
        }

        try
        {
            var message = await client.Messages.SendAsync(to, MessageContent.Text(text), ct: cancellation);
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
                    if (_to is { } to && client.ConversationWith(to) == received.ConversationId) await client.MarkReadAsync(received.ConversationId, cancellation);
                    break;
                case ParleyEvent.MessageRecalled recalled: Print($"— {recalled.Recall.ByUserId} took a message back"); break;
                case ParleyEvent.GroupJoined joined: Print($"— you are in {joined.Group.Id} ({joined.Group.Name})"); break;
                case ParleyEvent.GroupLeft left: Print($"— you are no longer in {left.GroupId}"); break;
                case ParleyEvent.FriendRequested requested: Print($"— {requested.Request.FromUserId} asks to be {requested.Request.ToUserId}'s friend"); break;
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

    async Task ShowHistoryAsync(Recipient to, CancellationToken cancellation)
    {
        Print($"— you and {to.UserId}{to.GroupId}");
        foreach (var message in await client.GetHistoryAsync(client.ConversationWith(to), count: HistoryLength, ct: cancellation)) Show(message);
    }

    async Task ListConversationsAsync(CancellationToken cancellation)
    {
        foreach (var conversation in await client.GetConversationsAsync(cancellation))
            Print($"  {conversation.PeerId}{conversation.GroupId}  {(conversation.Unread > 0 ? $"({conversation.Unread} new)  " : "")}{conversation.LastMessage?.Text}");
    }

    void Show(Message message)
    {
        var mark = message.State switch { MessageState.Unsent => " …", MessageState.Failed => " ✗", _ => "" };
        Print($"[{message.SentAt.ToLocalTime():HH:mm}] {message.SenderId}: {Plain(message.State == MessageState.Recalled ? "(taken back)" : message.Text ?? $"(content {message.ContentType})")}{mark}");
    }

    /// <summary>A message must not move the cursor or colour someone's terminal.</summary>
    static string Plain(string text) => string.Concat(text.Select(c => char.IsControl(c) && c is not '\n' ? '�' : c));

    void Print(string line)
    {
        lock (_gate) output.WriteLine(line);
    }
}
