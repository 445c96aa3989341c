"""What Firmly remembers: SQLite, and all the SQL there is.

`database` opens, migrates and backs up, `codec` turns dataclasses into JSON and back; the other rooms hold functions over an
open transaction, one room a subject.

Mail
    sightings   where mails were seen, and how far each folder is read
    mails       what is kept of them; threads is which belong together, steps what each stage made of them
    llm_calls   what was asked of an endpoint; runs has one row a run

The queue
    queue       proposals as they stand; changes is what becomes of them, each with an event
    attention   what wants a person and no draft; notices is what of all this was told
    listing     lines of lists; search is what they are searched by
    lessons     what a person made of a letter; decisions is what was decided in a period

Clients and money
    clients     who they are; merge makes two one, purge forgets one whole
    memory      incidents, boundaries, notes, rules; verdicts is what the advice was, record what cards and papers show
    ledger      invoices as they were imported; handwork is what people did to them
"""
