-- What is remembered of a client: incidents that a person confirmed, boundaries that were stated, notes, corrections.

-- One row a mail and label. The mail is named by its Message-ID, so that reading the same mail anew finds it again; an
-- incident without a mail (a call on Sunday) has a name of its own.
CREATE TABLE incidents (
    client_id INTEGER NOT NULL REFERENCES clients (id),
    mail TEXT NOT NULL,          -- the Message-ID, mail:17 where it has none, note:5 where there was no mail
    label TEXT NOT NULL,         -- a behaviour or an intent
    at TEXT NOT NULL,
    quote TEXT NOT NULL,
    state TEXT NOT NULL,         -- confirmed or struck
    actor TEXT NOT NULL,
    decided_at TEXT NOT NULL,
    PRIMARY KEY (client_id, mail, label)
) WITHOUT ROWID;

-- A limit counts once its letter was seen sent, or once a person says that it was stated.
CREATE TABLE boundaries (
    client_id INTEGER NOT NULL REFERENCES clients (id),
    label TEXT NOT NULL,
    stated_at TEXT NOT NULL,
    words TEXT NOT NULL,
    message_id TEXT NOT NULL DEFAULT '',
    proposal_id INTEGER REFERENCES proposals (id),
    actor TEXT NOT NULL,
    PRIMARY KEY (client_id, label, stated_at)
) WITHOUT ROWID;

CREATE TABLE notes (
    id INTEGER PRIMARY KEY,
    client_id INTEGER NOT NULL REFERENCES clients (id),
    at TEXT NOT NULL,            -- when it happened
    words TEXT NOT NULL,
    actor TEXT NOT NULL,
    added_at TEXT NOT NULL
);
CREATE INDEX notes_of_client ON notes (client_id, at);

-- Plain rules of the owner's for one client, such as "never call this client's jokes demeaning".
CREATE TABLE corrections (
    id INTEGER PRIMARY KEY,
    client_id INTEGER NOT NULL REFERENCES clients (id),
    label TEXT NOT NULL,         -- the label that is not given for this client any more
    words TEXT NOT NULL,
    actor TEXT NOT NULL,
    added_at TEXT NOT NULL,
    withdrawn_at TEXT
);
CREATE INDEX corrections_of_client ON corrections (client_id);
