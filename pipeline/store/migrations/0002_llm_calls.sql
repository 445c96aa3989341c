-- Calls to a model endpoint, one row a request, written before the answer is looked at; and what endpoints turned out to need.

CREATE TABLE llm_calls (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    purpose TEXT NOT NULL,        -- classify, write, doctor
    message_id TEXT NOT NULL,     -- of the mail that it was made for; empty for a chase or a probe
    endpoint TEXT NOT NULL,       -- the base URL
    model TEXT NOT NULL,          -- as asked for
    served_by TEXT NOT NULL,      -- as the endpoint names the model that answered
    prompt_hash TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    rung TEXT,                    -- json_schema, json_object, text; NULL where no JSON was asked for
    tokens_in INTEGER NOT NULL,
    tokens_out INTEGER NOT NULL,
    tokens_cached INTEGER NOT NULL,
    cost_nano INTEGER,            -- in billionths of the currency, so that sums are exact; NULL: unpriced
    currency TEXT NOT NULL DEFAULT '',
    latency_ms INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    raw TEXT NOT NULL
);
CREATE INDEX llm_calls_by_time ON llm_calls (at);
CREATE INDEX llm_calls_of_mail ON llm_calls (message_id);

CREATE TABLE llm_endpoints (
    base_url TEXT NOT NULL,
    model TEXT NOT NULL,
    rung TEXT NOT NULL,
    tokens_field TEXT NOT NULL,   -- max_tokens or max_completion_tokens
    temperature INTEGER NOT NULL, -- 0: it refuses to be given one
    stretch INTEGER NOT NULL,     -- times the usual room for an answer
    learned_at TEXT NOT NULL,
    PRIMARY KEY (base_url, model)
) WITHOUT ROWID;
