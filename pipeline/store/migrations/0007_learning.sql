-- What can be learned from what a person made of a letter; what a search looks through; what was already told.

ALTER TABLE drafts ADD COLUMN prompt TEXT NOT NULL DEFAULT '';  -- the fingerprint of the writer; empty for a person's own words

-- One row a letter that a person approved, or wrote by hand instead: Firmly's words beside those that left. It is written at the
-- approval, and again when the letter is seen sent; an approval that is taken back takes its row along.
CREATE TABLE lessons (
    proposal_id INTEGER PRIMARY KEY REFERENCES proposals (id),
    client_id INTEGER REFERENCES clients (id),
    play TEXT NOT NULL,
    language TEXT NOT NULL,
    offered INTEGER NOT NULL,        -- the version of the last draft that was not a person's
    how TEXT NOT NULL,               -- approved, sent, by_hand
    words TEXT NOT NULL,             -- the body as it left, without signature and quotes
    distance INTEGER NOT NULL,       -- words that were put in, taken out or replaced
    of_words INTEGER NOT NULL,       -- so many words the offered draft has
    gone TEXT NOT NULL,              -- its sentences that did not leave, JSON
    come TEXT NOT NULL,              -- the sentences that left instead, JSON
    sent_at TEXT,                    -- NULL until it is seen sent
    learned_at TEXT NOT NULL
);
CREATE INDEX lessons_by_play ON lessons (play, language, learned_at);
CREATE INDEX lessons_of_client ON lessons (client_id);

-- One line of folded text a proposal, so that a search reads one column and needs no index of its own.
CREATE TABLE proposal_words (
    proposal_id INTEGER PRIMARY KEY REFERENCES proposals (id) ON DELETE CASCADE,
    words TEXT NOT NULL
);
INSERT INTO proposal_words (proposal_id, words)
SELECT p.id, lower(
    json_extract(p.addressing, '$.to_name') || ' ' || json_extract(p.addressing, '$.to_email') || ' '
    || json_extract(p.addressing, '$.subject') || ' ' || coalesce(json_extract(p.strategy, '$.play'), '') || ' '
    || coalesce(json_extract(p.strategy, '$.label'), '') || ' ' || replace(d.body, char(10), ' ')
)
FROM proposals p JOIN drafts d ON d.proposal_id = p.id AND d.version = p.version;

-- One row a notice: everything up to these two numbers was told.
CREATE TABLE notices (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    state TEXT NOT NULL,             -- telling, told, failed: what failed for certain is told again
    last_event INTEGER NOT NULL,
    last_attention INTEGER NOT NULL
);

ALTER TABLE attention ADD COLUMN snoozed_until TEXT;

CREATE INDEX proposals_of_mail ON proposals (mail_id);
CREATE INDEX events_by_time ON events (at);
