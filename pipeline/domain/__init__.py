"""What Firmly talks about: frozen dataclasses, enums and ids. No I/O, no clock, no library but the stdlib.

One room per subject: `mail` (a parsed message), `assessment` (what a judge says of it), `client` (who wrote it),
`ledger` (money and invoices), `strategy` (what to do about it) and `proposal` (what a person is asked to approve).
"""
