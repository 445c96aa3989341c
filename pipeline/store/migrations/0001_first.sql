-- The state of Firmly. Times are ISO 8601 in UTC; JSON columns hold the domain's dataclasses; hashes are SHA-256 in hex.

CREATE TABLE raws (
    sha256 TEXT PRIMARY KEY,
    bytes BLOB NOT NULL,
    added_at TEXT NOT NULL
);
CREATE INDEX raws_by_age ON raws (added_at);

CREATE TABLE clients (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    file TEXT NOT NULL,      -- the client file as JSON, the form of config.clientfile
    updated_at TEXT NOT NULL
);

CREATE TABLE contacts (
    email TEXT PRIMARY KEY,  -- lower case
    client_id INTEGER NOT NULL REFERENCES clients (id)
);
CREATE INDEX contacts_of_client ON contacts (client_id);

CREATE TABLE client_domains (
    domain TEXT PRIMARY KEY,
    client_id INTEGER NOT NULL REFERENCES clients (id)
);

CREATE TABLE threads (
    id INTEGER PRIMARY KEY
);

-- Every Message-ID that a mail of ours is, answers or refers to, whether or not that mail was ever seen.
CREATE TABLE thread_ids (
    message_id TEXT PRIMARY KEY,
    thread_id INTEGER NOT NULL REFERENCES threads (id)
);
CREATE INDEX thread_ids_of_thread ON thread_ids (thread_id);

CREATE TABLE mails (
    id INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL,    -- empty if the mail has none
    content_hash TEXT NOT NULL,  -- over what the sender wrote, not over what servers added
    header_key TEXT NOT NULL,    -- over From, Date, Subject and Message-ID: recognises a mail before its body is fetched
    subject_key TEXT NOT NULL DEFAULT '',  -- the subject without Re: and its kin
    raw_sha256 TEXT NOT NULL,    -- the row in raws goes after [store] keep_raw_days
    account TEXT NOT NULL,
    direction TEXT NOT NULL,     -- inbound or outbound
    arrived_at TEXT NOT NULL,
    written_at TEXT NOT NULL,    -- the Date header where it can be believed, else arrived_at
    truncated INTEGER NOT NULL DEFAULT 0,
    backfilled INTEGER NOT NULL DEFAULT 0,
    thread_id INTEGER REFERENCES threads (id),
    client_id INTEGER REFERENCES clients (id),
    UNIQUE (message_id, content_hash)
);
CREATE INDEX mails_of_thread ON mails (thread_id, written_at);
CREATE INDEX mails_of_client ON mails (client_id, written_at);
CREATE INDEX mails_by_raw ON mails (raw_sha256);
CREATE INDEX mails_by_header ON mails (header_key);

CREATE TABLE sightings (
    account TEXT NOT NULL,
    folder TEXT NOT NULL,        -- inbox or sent
    uidvalidity INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    mail_id INTEGER REFERENCES mails (id),
    why TEXT NOT NULL DEFAULT '',  -- why there is no mail: stranger, or what the server said instead of its bytes
    tries INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (account, folder, uidvalidity, uid)
) WITHOUT ROWID;
CREATE INDEX sightings_of_mail ON sightings (mail_id);

CREATE TABLE cursors (
    account TEXT NOT NULL,
    folder TEXT NOT NULL,
    uidvalidity INTEGER NOT NULL,
    last_uid INTEGER NOT NULL,
    since TEXT NOT NULL,         -- the day that the first run began with
    PRIMARY KEY (account, folder)
) WITHOUT ROWID;

-- The output row of a step is its state: no row means that it is due once the step before it is done.
CREATE TABLE steps (
    mail_id INTEGER NOT NULL REFERENCES mails (id),
    stage TEXT NOT NULL,
    state TEXT NOT NULL,         -- done, stopped, retry, parked
    output TEXT NOT NULL DEFAULT 'null',
    attempts INTEGER NOT NULL DEFAULT 1,
    not_before TEXT,
    fingerprint TEXT NOT NULL DEFAULT '',
    problem TEXT NOT NULL DEFAULT '',
    updated_at TEXT NOT NULL,
    PRIMARY KEY (mail_id, stage)
) WITHOUT ROWID;
CREATE INDEX steps_by_state ON steps (stage, state);

CREATE TABLE proposals (
    id INTEGER PRIMARY KEY,
    origin TEXT NOT NULL,
    status TEXT NOT NULL,
    version INTEGER NOT NULL,    -- of the draft
    strategy TEXT NOT NULL,
    addressing TEXT NOT NULL,
    client_id INTEGER REFERENCES clients (id),
    mail_id INTEGER REFERENCES mails (id),
    thread_id INTEGER REFERENCES threads (id),
    warnings TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    snoozed_until TEXT,
    message_id TEXT UNIQUE,      -- fixed at approval
    approved_sha256 TEXT,
    outgoing BLOB,               -- the approved bytes
    problem TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX one_live_proposal_per_origin ON proposals (origin)
WHERE status IN ('pending', 'snoozed', 'approved', 'delivering', 'uncertain');
CREATE INDEX proposals_by_status ON proposals (status, updated_at);
CREATE INDEX proposals_of_thread ON proposals (thread_id);
CREATE INDEX proposals_of_client ON proposals (client_id);

CREATE TABLE drafts (
    proposal_id INTEGER NOT NULL REFERENCES proposals (id),
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    author TEXT NOT NULL,
    language TEXT NOT NULL,
    stance TEXT NOT NULL,
    findings TEXT NOT NULL,
    fallback_because TEXT,
    written_at TEXT NOT NULL,
    PRIMARY KEY (proposal_id, version)
) WITHOUT ROWID;

CREATE TABLE attention (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,       -- what it is about, once per kind: mail:17, client:3, proposal:5
    message TEXT NOT NULL,
    status TEXT NOT NULL,
    mail_id INTEGER REFERENCES mails (id),
    client_id INTEGER REFERENCES clients (id),
    proposal_id INTEGER REFERENCES proposals (id),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (kind, subject)
);
CREATE INDEX attention_by_status ON attention (status, created_at);

-- What happened to a proposal or an attention item, and who did it. Rows are only ever added.
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,         -- the reviewer's name, or firmly
    event TEXT NOT NULL,
    proposal_id INTEGER REFERENCES proposals (id),
    attention_id INTEGER REFERENCES attention (id),
    from_status TEXT,
    to_status TEXT,
    version INTEGER,
    note TEXT NOT NULL DEFAULT ''
);
CREATE INDEX events_of_proposal ON events (proposal_id);

CREATE TABLE invoices (
    client_key TEXT NOT NULL,    -- the client's id, or the address or name of the export while nobody is known by it
    number TEXT NOT NULL,
    client_id INTEGER REFERENCES clients (id),
    invoice TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (client_key, number)
) WITHOUT ROWID;
CREATE INDEX invoices_of_client ON invoices (client_id);

CREATE TABLE ledger_imports (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    as_of TEXT NOT NULL,
    rows_read INTEGER NOT NULL
);

CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    started_at TEXT NOT NULL,
    finished_at TEXT NOT NULL,
    exit_code INTEGER NOT NULL,
    counts TEXT NOT NULL
);
