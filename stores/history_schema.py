"""The journal's tables. Only ever append a script to `SCHEMA`: files out there count how many have run."""

from __future__ import annotations

SCHEMA = (
    """
    CREATE TABLE event (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        user TEXT NOT NULL,
        at TEXT NOT NULL,
        kind TEXT NOT NULL,
        item_id TEXT,
        text TEXT NOT NULL,
        attributes TEXT NOT NULL,
        effect_key TEXT NOT NULL,
        UNIQUE (user, effect_key)
    );
    CREATE TABLE tombstone (
        user TEXT NOT NULL,
        at TEXT NOT NULL,
        effect_key TEXT NOT NULL,
        erased INTEGER NOT NULL,
        last_seq INTEGER NOT NULL,
        PRIMARY KEY (user, effect_key)
    );
    -- Effects that were done and then forgotten, by hash: a turn sent again must not bring them back.
    CREATE TABLE spent (mark TEXT PRIMARY KEY) WITHOUT ROWID;
    -- Work that the index still owes the journal; a crash leaves it here.
    CREATE TABLE unindexed (
        id TEXT PRIMARY KEY REFERENCES event (id) ON DELETE CASCADE,
        user TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE undropped (user TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
    CREATE TRIGGER event_goes_only_with_a_tombstone BEFORE DELETE ON event
    WHEN NOT EXISTS (SELECT 1 FROM tombstone WHERE user = OLD.user AND last_seq >= OLD.seq)
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
    CREATE TRIGGER tombstone_stays_put BEFORE UPDATE ON tombstone
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
    CREATE TRIGGER tombstone_stays BEFORE DELETE ON tombstone
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
    """,
)
