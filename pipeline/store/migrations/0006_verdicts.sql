-- What the advice about a client was, and a limit that was none after all.

-- A row each time a run finds other advice than the row before; none means keep. Advice is worked out anew at every look:
-- this only tells what changed, so that a change for the worse is told once.
CREATE TABLE verdicts (
    id INTEGER PRIMARY KEY,
    client_id INTEGER NOT NULL REFERENCES clients (id),
    at TEXT NOT NULL,
    advice TEXT NOT NULL,
    kind TEXT,                   -- of parting ways: review, recommended, immediate
    reasons TEXT NOT NULL        -- JSON list of sentences
);
CREATE INDEX verdicts_of_client ON verdicts (client_id, id);

-- A person may say that a sentence of ours stated no limit, also one that was only read out of Sent.
ALTER TABLE boundaries ADD COLUMN state TEXT NOT NULL DEFAULT 'stated';  -- or struck
ALTER TABLE boundaries ADD COLUMN decided_at TEXT NOT NULL DEFAULT '';

-- A domain that two clients name is nobody's: both have to be remembered for that.
CREATE TABLE domains_of_clients (
    domain TEXT NOT NULL,
    client_id INTEGER NOT NULL REFERENCES clients (id),
    PRIMARY KEY (domain, client_id)
) WITHOUT ROWID;
INSERT INTO domains_of_clients (domain, client_id)
SELECT DISTINCT lower(ltrim(d.value, '@')), c.id FROM clients c, json_each(c.file, '$.domains') d;
DROP TABLE client_domains;
ALTER TABLE domains_of_clients RENAME TO client_domains;
CREATE INDEX domains_of_client ON client_domains (client_id);
