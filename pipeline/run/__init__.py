"""`firmly run`: the stages in order, once. Computes outside transactions and commits inside short ones.

    fetch → parse → place (client, thread) → screen → classify → decide → draft (writer, guard) → chase → deliver

Every stage takes the mails that are due, writes one row each, and can be stopped anywhere: what is written is done, what is
not is due again.

The run itself
    loop        one run, from the mailbox to the queue and on to delivery; desk, lock and report belong to it
    fetch       the mailbox into the store
    stages      parse, place, screen, classify
    proposing   decide, draft: assessment to proposal or attention item
    drafting    the writer, the guard, and the plain letter where they fail; addressing says where it goes
    observe     what the owner's Sent folder tells of our letters
    notices     a word to the owner afterwards

Money
    ledgers     what the ladder looks at for one client; chases is what it says of them
    chasing     the ladder to proposals; chase_letters words and addresses one
    bookkeeping exports and payments into the ledger; watching does it for a directory; receipts tells what came in
    handwork    what a person says about invoices, pauses and claims

Clients
    dossier     everything that is known of one; history reads their mails for it, context what is known of a mail
    advising    a verdict that worsens; preventing is what is better done before; parting is the letter at the end
    remember    what goes into the memory; rulebook is the owner's rules as a file, clientbook what is written down
    explaining  why all this is said
    examples    replies that were approved, for the manner of the next
"""
