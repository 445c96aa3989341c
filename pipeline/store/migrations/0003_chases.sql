-- What was sent on the ladder, and what the owner said about an invoice.

-- A step counts for an invoice once its letter was seen sent. `message_id` is empty for a letter that the owner wrote by hand.
CREATE TABLE chases (
    client_id INTEGER NOT NULL REFERENCES clients (id),
    invoice TEXT NOT NULL,
    step TEXT NOT NULL,
    sent_at TEXT NOT NULL,
    message_id TEXT NOT NULL DEFAULT '',
    proposal_id INTEGER REFERENCES proposals (id),
    PRIMARY KEY (client_id, invoice, step, sent_at)
) WITHOUT ROWID;

CREATE TABLE invoice_settings (
    client_id INTEGER NOT NULL REFERENCES clients (id),
    invoice TEXT NOT NULL,
    chase INTEGER NOT NULL DEFAULT 1,
    profile TEXT,
    not_before TEXT,
    PRIMARY KEY (client_id, invoice)
) WITHOUT ROWID;

-- A pause that the owner lifted: what the mail says does not hold any longer.
CREATE TABLE lifted_pauses (
    mail_id INTEGER PRIMARY KEY REFERENCES mails (id),
    lifted_at TEXT NOT NULL,
    actor TEXT NOT NULL
);

CREATE TABLE payments (
    id INTEGER PRIMARY KEY,
    client_id INTEGER REFERENCES clients (id),
    invoice TEXT NOT NULL,
    amount TEXT NOT NULL,    -- a decimal; never a float
    currency TEXT NOT NULL,
    received_on TEXT,
    added_at TEXT NOT NULL,
    UNIQUE (client_id, invoice, amount, received_on)
);
