"""What Firmly talks about: frozen dataclasses, enums and ids. No I/O, no clock, no library but the stdlib.

One room per subject: `ids`, `mail` (a parsed message), `assessment` (what a judge says of it), `calls` (what an endpoint was
asked), `client` (who wrote it), `history` (what their mails show together), `verdict` (how it is going with them), `ledger`
(money and invoices), `ladder` (the steps of chasing it), `claims` (interest and fixed sums), `strategy` (what to do about it)
and `proposal` (what a person is asked to approve).
"""
