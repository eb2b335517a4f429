using Parley.Client;
using Parley.Client.Groups;

namespace Parley.Server.Chat;

/// <summary>What can be typed about groups.</summary>
sealed class GroupCommands(ParleyClient client, Action<string> print)
{
    public const string Help = "/groups  yours   /create NAME USER …  a group   /members GROUP   /invite GROUP USER …   /quit-group GROUP";

    /// <returns>False when it is no such command.</returns>
    public async Task<bool> TryRunAsync(string command, string[] words, CancellationToken cancellation)
    {
        switch (command)
        {
            case "/groups":
                foreach (var group in client.Groups.GetJoined()) print($"  {group.Id}  {group.Name}  ({group.MemberCount} members)");
                return true;
            case "/create" when words.Length > 0:
                var made = await client.Groups.CreateAsync(new GroupDraft(words[0]) { MemberIds = words[1..] }, cancellation);
                print($"  {made.Id}  {made.Name}: /in {made.Id} to write to it");
                return true;
            case "/members" when words.Length == 1:
                foreach (var member in await client.Groups.GetMembersAsync(words[0], ct: cancellation)) print($"  {member.UserId}  {member.Role}");
                return true;
            case "/invite" when words.Length > 1:
                await client.Groups.InviteAsync(words[0], words[1..], ct: cancellation);
                return true;
            case "/quit-group" when words.Length == 1:
                await client.Groups.QuitAsync(words[0], cancellation);
                return true;
            default:
                return false;
        }
    }
}
