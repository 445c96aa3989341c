"""`firmly run`: the stages in order, once. Computes outside transactions and commits inside short ones.

    fetch → parse → place (client, thread) → screen → classify → decide → draft (writer, guard) → chase → deliver

Every stage takes the mails that are due, writes one row each, and can be stopped anywhere: what is written is done, what is
not is due again.
"""
