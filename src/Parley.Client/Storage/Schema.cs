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
        """
        ALTER TABLE conversations ADD COLUMN reported_sequence INTEGER NOT NULL DEFAULT 0;   -- the read mark that the server is known to have
        ALTER TABLE conversations ADD COLUMN peer_read_sequence INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE conversations ADD COLUMN counted_to INTEGER NOT NULL DEFAULT 0;          -- up to here the server counted
        ALTER TABLE conversations ADD COLUMN counted_unread INTEGER NOT NULL DEFAULT 0;      -- ... so many unread
        ALTER TABLE conversations ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;              -- 1: not shown until there is a message in it again
        UPDATE conversations SET reported_sequence = read_sequence, counted_to = synced_sequence,
            counted_unread = max(0, synced_sequence - max(read_sequence, first_sequence - 1));

        ALTER TABLE messages ADD COLUMN counts INTEGER NOT NULL DEFAULT 1;                   -- 0: never meant to count as unread

        -- Notices were kept like messages and not applied: they are pulled once more.
        DELETE FROM messages WHERE conversation LIKE 'n\_%' ESCAPE '\';
        UPDATE conversations SET synced_sequence = 0 WHERE id LIKE 'n\_%' ESCAPE '\';

        CREATE TABLE lists (
            name TEXT NOT NULL PRIMARY KEY,
            version_id TEXT NOT NULL,
            version INTEGER NOT NULL
        ) WITHOUT ROWID;

        CREATE TABLE list_entries (
            list TEXT NOT NULL,
            id TEXT NOT NULL,
            rank INTEGER NOT NULL,                       -- place in the list; then by id
            data TEXT NOT NULL,                          -- the protocol's object as JSON, as received
            PRIMARY KEY (list, id)
        ) WITHOUT ROWID;
        CREATE INDEX list_entries_by_rank ON list_entries (list, rank, id);
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
