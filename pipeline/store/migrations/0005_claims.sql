-- The ledger by a person's hand: claims that were confirmed, single payments, and who said what about an invoice.

-- Interest and fixed sums that a person confirmed for a client. The newest one that was not withdrawn counts.
CREATE TABLE claims (
    id INTEGER PRIMARY KEY,
    client_id INTEGER NOT NULL REFERENCES clients (id),
    claim TEXT NOT NULL,           -- what it rests on, its day, and the figures invoice by invoice
    actor TEXT NOT NULL,
    confirmed_at TEXT NOT NULL,
    withdrawn_at TEXT
);
CREATE INDEX claims_of_client ON claims (client_id, confirmed_at);

-- The table of 0003 was never written to; a payment now says where it comes from, and two of the same day may be alike.
DROP TABLE payments;
CREATE TABLE payments (
    id INTEGER PRIMARY KEY,
    client_id INTEGER REFERENCES clients (id),
    invoice TEXT NOT NULL,
    amount TEXT NOT NULL,          -- a decimal; never a float
    currency TEXT NOT NULL,
    received_on TEXT,
    source TEXT NOT NULL,          -- the file's name; empty where it was booked by hand
    actor TEXT NOT NULL,
    added_at TEXT NOT NULL
);
CREATE INDEX payments_of_client ON payments (client_id, invoice);

ALTER TABLE invoice_settings ADD COLUMN minimum TEXT;
ALTER TABLE invoice_settings ADD COLUMN actor TEXT NOT NULL DEFAULT '';
ALTER TABLE invoice_settings ADD COLUMN said_at TEXT;
ALTER TABLE invoice_settings ADD COLUMN why TEXT NOT NULL DEFAULT '';

-- What people did to the ledger and the ladder. Rows are only ever added.
CREATE TABLE ledger_events (
    id INTEGER PRIMARY KEY,
    client_id INTEGER NOT NULL REFERENCES clients (id),
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    event TEXT NOT NULL,           -- paid, set, lifted, held again, claim confirmed, claim withdrawn
    invoice TEXT NOT NULL DEFAULT '',
    mail_id INTEGER REFERENCES mails (id),
    note TEXT NOT NULL DEFAULT ''
);
CREATE INDEX ledger_events_of_client ON ledger_events (client_id, at);
