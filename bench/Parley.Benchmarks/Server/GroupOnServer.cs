using Parley.Benchmarks.Load;

namespace Parley.Benchmarks.Server;

/// <summary>A super group with its members, of whom one sends.</summary>
sealed class GroupOnServer
{
    const int MaxUsersPerRequest = 1_000, SuperGroup = 2, Platform = 1, FramesPerSender = 32;

    readonly string _id;
    readonly Dictionary<string, string> _tokens;
    uint _salt;

    GroupOnServer(string id, string[] online, Dictionary<string, string> tokens) => (_id, Online, _tokens) = (id, online, tokens);

    /// <summary>Settings of a server on which a group's conversation holds nothing but what was sent.</summary>
    public static (string Name, string Value)[] Environment { get; } = [("PARLEY__CORE__SHOWSGROUPEVENTS", "false")];

    /// <summary>Those who have tokens; the first is the sender.</summary>
    public string[] Online { get; }

    /// <summary>The last sequence that was seen.</summary>
    public long LastSequence { get; set; }

    public static async Task<GroupOnServer> CreateAsync(BackEnd backEnd, string id, int online, int offline)
    {
        var members = Enumerable.Range(0, online + offline).Select(i => $"{id}m{i}").ToArray();
        await backEnd.RegisterAsync(members);
        await backEnd.CallAsync("/group/create_group", new { memberUserIDs = Array.Empty<string>(), ownerUserID = members[0], groupInfo = new { groupID = id, groupName = id, groupType = SuperGroup } });
        foreach (var batch in members.Skip(1).Chunk(MaxUsersPerRequest))
            await backEnd.CallAsync("/group/invite_user_to_group", new { groupID = id, invitedUserIDs = batch, reason = "" });
        return new GroupOnServer(id, members[..online], await backEnd.TokensAsync(members[..online], Platform));
    }

    /// <summary>Connects everyone who is online and lets the first send.</summary>
    /// <param name="sample">A frame as all others got it.</param>
    public Figures Measure(ChildProcess server, Envelope envelope, int inFlight, string[] bodies, TimeSpan time, out byte[] sample)
    {
        var tally = new Tally { Recipients = Online.Length - 1 };
        var (salt, peers) = (++_salt, new List<Peer>());
        try
        {
            var frames = Enumerable.Range(0, FramesPerSender).Select(i => new FrameTemplate(envelope, Online[0], _id, salt, bodies[i], isGroup: true)).ToArray();
            var sender = new SenderPeer(Open(server, Online[0], envelope), frames, envelope, salt, LastSequence, inFlight, tally);
            // One looks into all that comes; the others count.
            var witness = new ReceiverPeer(Open(server, Online[1], envelope), envelope, salt, LastSequence, sender, tally);
            peers.AddRange([sender, witness]);
            peers.AddRange(Online.Skip(2).Select(user => new CountingPeer(Open(server, user, envelope), sender, tally)));
            var figures = Run.Measure(peers, tally, server, time);
            LastSequence = witness.LastSequence;
            sample = peers.OfType<CountingPeer>().First().Sample;
            return figures;
        }
        finally
        {
            foreach (var peer in peers) peer.Dispose();
        }
    }

    Connection Open(ChildProcess server, string user, Envelope envelope) => Connection.Open(server.Address, envelope.Query(user, _tokens[user], Platform), expectsAnswer: true);
}
