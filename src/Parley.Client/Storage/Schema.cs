namespace Parley.Client.Storage;

/// <summary>The tables of the local store. <c>user_version</c> counts the steps taken; a released step never changes, a new one is added behind it.</summary>
static class Schema
{
    public static IReadOnlyList<string> Steps { get; } =
    [
        """
        CREATE TABLE account (user_id TEXT NOT NULL);

        CREATE TABLE conversations (
            id TEXT NOT NULL PRIMARY KEY,
            synced_sequence INTEGER NOT NULL DEFAULT 0,  -- everything up to here is stored, or a hole that reading the history fills
            first_sequence INTEGER NOT NULL DEFAULT 0,   -- below it the server has nothing for this user
            read_sequence INTEGER NOT NULL DEFAULT 0
        ) WITHOUT ROWID;

        CREATE TABLE messages (
            id INTEGER PRIMARY KEY,                      -- order of arrival, and of sending
            conversation TEXT NOT NULL,
            sequence INTEGER,                            -- NULL: own, not yet numbered by the server
            anchor INTEGER NOT NULL,                     -- its sequence, or the highest one known when it was written: its place in the history
            client_id TEXT NOT NULL,
            state INTEGER NOT NULL,
            error_code INTEGER NOT NULL DEFAULT 0,
            data BLOB NOT NULL                           -- the MsgData, as sent or as received
        );
        CREATE UNIQUE INDEX messages_by_sequence ON messages (conversation, sequence) WHERE sequence IS NOT NULL;
        CREATE UNIQUE INDEX messages_unnumbered ON messages (client_id) WHERE sequence IS NULL;
        CREATE INDEX messages_by_client_id ON messages (client_id);
        CREATE INDEX messages_by_place ON messages (conversation, anchor, sequence IS NULL, id);
        CREATE INDEX messages_unsent ON messages (id) WHERE state = 1;
        """,
    ];

    /// <exception cref="IOException">The file was written by a newer version.</exception>
    public static void Migrate(Database database, IReadOnlyList<string> steps)
    {
        var version = database.Number("PRAGMA user_version");
        if (version < 0 || version > steps.Count)
            throw new IOException($"The local store has schema version {version}; this program knows up to {steps.Count}. Use a newer program or another file.");
        for (var step = (int)version; step < steps.Count; step++)
        {
            database.InTransaction(() => database.Execute(steps[step]) + database.Execute($"PRAGMA user_version={step + 1}"));
        }
    }
}
