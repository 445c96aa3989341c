"""What every `MailDrop` for drafts keeps: the same tests for a directory, the demo's server and a real Dovecot over TLS."""

from servers.mailboxes import MailboxKit, mail

from pipeline.mail.ports import Found, MailSource, Role

pytest_plugins = ("servers.fixtures",)

ID = "<draft-1@example.org>"
DRAFT = mail(1, message_id=ID, body="Grüße\r\n.\r\nend\r\n".encode())


def put(mailbox: MailboxKit, raw: bytes = DRAFT, message_id: str = ID) -> Found | None:
    """Lay one draft."""
    with mailbox.drop() as drop:
        return drop.put(raw, message_id=message_id, sender="owner@example.org", recipients=["client@example.com"])


def bytes_at(source: MailSource, found: Found) -> bytes | None:
    """What lies at a place that a drop named."""
    (listed,) = source.listing(found.role, [found.uid])
    (fetched,) = source.bodies(found.role, listed)
    return fetched[0].raw


def test_a_draft_lies_in_drafts_byte_for_byte(mailbox: MailboxKit) -> None:
    """The person approved these bytes and no others."""
    found = put(mailbox)
    assert found is not None
    with mailbox.source() as source:
        state = source.examine(Role.DRAFTS)
        assert state is not None
        assert (found.role, found.uidvalidity) == (Role.DRAFTS, state.uidvalidity)
        assert bytes_at(source, found) == DRAFT


def test_a_draft_is_found_again(mailbox: MailboxKit) -> None:
    """After a crash the draft is looked for before it is laid again: one that is not found would be there twice."""
    found = put(mailbox)
    with mailbox.drop() as drop:
        assert drop.find(ID) == found
        assert drop.find("<draft-2@example.org>") is None


def test_nothing_is_found_where_nothing_is(mailbox: MailboxKit) -> None:
    """An empty mailbox, without Trash, is no error for a search."""
    with mailbox.drop() as drop:
        assert drop.find(ID) is None


def test_a_sent_mail_is_found_in_sent(mailbox: MailboxKit) -> None:
    """A draft that the person has sent counts as sent, even while its draft lies there still."""
    put(mailbox)
    mailbox.add(Role.SENT, mail(8), DRAFT, mail(9))
    with mailbox.drop() as drop:
        found = drop.find(ID)
    with mailbox.source() as source:
        assert found is not None
        assert found.role is Role.SENT
        assert bytes_at(source, found) == DRAFT


def test_an_id_inside_another_is_not_it(mailbox: MailboxKit) -> None:
    """IMAP's HEADER search matches substrings; a wrong hit would pass for a delivered draft."""
    mailbox.add(Role.SENT, mail(1, message_id=f"<other@example.org> (was {ID})"))
    mailbox.add(Role.SENT, mail(2, message_id="<no@example.org>", body=f"Message-ID: {ID}\r\n".encode()))
    with mailbox.drop() as drop:
        assert drop.find(ID) is None


def test_it_says_that_it_does_not_send(mailbox: MailboxKit) -> None:
    """A draft counted as sent would start the next step of the ladder for a letter that nobody got."""
    assert mailbox.drop().sends is False


def test_drafts_of_two_replies_keep_apart(mailbox: MailboxKit) -> None:
    """Two replies of one run must not overwrite each other."""
    other = mail(2, message_id="<draft-2@example.org>")
    first, second = put(mailbox), put(mailbox, other, "<draft-2@example.org>")
    assert first is not None
    assert second is not None
    assert first.uid != second.uid
    with mailbox.source() as source:
        assert bytes_at(source, first) == DRAFT
        assert bytes_at(source, second) == other
