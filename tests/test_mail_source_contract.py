"""What every `MailSource` keeps: the same tests for a directory, the demo's server and a real Dovecot over TLS."""

from datetime import UTC, date, datetime, timedelta

import pytest
from servers.mailboxes import NOON, MailboxKit, mail

from pipeline.mail.ports import Fetched, Listed, MailSource, Role

pytest_plugins = ("servers.fixtures",)

HARD_BODIES = {
    "empty body": b"",
    "lines of dots": b".\r\n..\r\n.\r\n",
    "eight bits": "Grüße, مرحبا\r\n".encode() + b"\xff\xfe\x80\r\n",
    "no line end": b"no line end",
    "long line": b"x" * 5000 + b"\r\n",
    "looks like IMAP": b")\r\nA1 OK FETCH completed\r\n* BYE\r\n{10}\r\n",
    "looks like a mail": b"From: x@example.net\r\n\r\nMessage-ID: <other@example.net>\r\n\r\n",
}


def read(source: MailSource, role: Role = Role.INBOX) -> tuple[list[Listed], list[Fetched]]:
    """Everything in a folder, through all three steps."""
    listed = [one for batch in source.listing(role, source.uids(role, after=0)) for one in batch]
    return listed, [one for batch in source.bodies(role, listed) for one in batch]


def test_examine_names_the_next_uid(mailbox: MailboxKit) -> None:
    """A cursor that trusts UIDNEXT would skip a mail that gets a lower UID than was announced."""
    mailbox.add(Role.INBOX, mail(1))
    with mailbox.source() as source:
        before = source.examine(Role.INBOX)
        mailbox.add(Role.INBOX, mail(2))
        after = source.examine(Role.INBOX)
        assert before is not None
        assert after is not None
        assert before.uidnext is not None
        assert source.uids(Role.INBOX, after=before.uidnext - 1) == [before.uidnext]
        assert (after.uidvalidity, after.uidnext, after.role) == (before.uidvalidity, before.uidnext + 1, Role.INBOX)


def test_a_folder_that_is_not_there_is_none(mailbox: MailboxKit) -> None:
    """A mailbox without a Trash is no error, and nothing is read from it."""
    with mailbox.source() as source:
        assert source.examine(Role.TRASH) is None
        assert source.uids(Role.TRASH, after=0) == []


def test_an_empty_folder_has_no_uids(mailbox: MailboxKit) -> None:
    """The first run on a new mailbox must not stumble over an empty search."""
    with mailbox.source() as source:
        assert source.examine(Role.INBOX) is not None
        assert source.uids(Role.INBOX, after=0) == []
        assert read(source) == ([], [])


def test_uids_are_those_after_the_cursor(mailbox: MailboxKit) -> None:
    """`UID n:*` holds the last mail even when n is beyond it: it would be fetched again on every poll."""
    mailbox.add(Role.INBOX, *(mail(number) for number in range(4)))
    with mailbox.source() as source:
        every = source.uids(Role.INBOX, after=0)
        assert len(every) == 4
        assert every == sorted(every)
        assert source.uids(Role.INBOX, after=every[1]) == every[2:]
        assert source.uids(Role.INBOX, after=every[-1]) == []
        assert source.uids(Role.INBOX, after=every[-1] + 1000) == []


def test_since_leaves_older_mail_out(mailbox: MailboxKit) -> None:
    """The first run starts some days back; older mail must not be fetched, and mail of the first day must."""
    for days in (0, 5, 1, 4):
        at = NOON - timedelta(days=days)
        mailbox.add(Role.INBOX, mail(days, at=at), at=at)
    with mailbox.source() as source:
        every = source.uids(Role.INBOX, after=0)
        since = source.uids(Role.INBOX, after=0, since=date(2026, 3, 3))
        assert since == [every[0], every[2]]
        assert source.uids(Role.INBOX, after=every[0], since=date(2026, 3, 3)) == [every[2]]


def test_a_listing_shows_header_size_and_arrival(mailbox: MailboxKit) -> None:
    """The header decides whether a body is fetched at all, the arrival what is believed of its Date."""
    at = datetime(2026, 1, 2, 23, 30, 15, tzinfo=UTC)
    raw = mail(1, at=at, body=b"Some text.\r\n\r\nMore text.\r\n")
    mailbox.add(Role.INBOX, raw, at=at)
    with mailbox.source() as source:
        (uid,) = source.uids(Role.INBOX, after=0)
        header = raw[: raw.index(b"\r\n\r\n") + 4]
        assert list(source.listing(Role.INBOX, [uid])) == [[Listed(uid, header, len(raw), at)]]


def test_batches_hold_200_mails(mailbox: MailboxKit) -> None:
    """Larger batches are slower and hold more memory; a mail lost between two batches would never be seen again."""
    mailbox.add(Role.INBOX, *(mail(number) for number in range(201)))
    with mailbox.source() as source:
        uids = source.uids(Role.INBOX, after=0)
        listed = list(source.listing(Role.INBOX, list(reversed(uids))))
        fetched = list(source.bodies(Role.INBOX, [one for batch in reversed(listed) for one in batch]))
    assert [len(batch) for batch in listed] == [len(batch) for batch in fetched] == [200, 1]
    assert [one.uid for batch in listed for one in batch] == uids
    assert [one.uid for batch in fetched for one in batch] == uids


@pytest.mark.parametrize("body", HARD_BODIES.values(), ids=HARD_BODIES)
def test_bodies_are_the_exact_bytes(mailbox: MailboxKit, body: bytes) -> None:
    """The raw mail is evidence and is replayed later: no byte of it may change on the way."""
    raw = mail(1, body=body)
    mailbox.add(Role.INBOX, raw)
    with mailbox.source() as source:
        listed, fetched = read(source)
    assert [one.raw for one in fetched] == [raw]
    assert [one.size_bytes for one in listed] == [len(raw)]
    assert not any(one.truncated or one.problem for one in fetched)


def test_a_mail_over_the_limit_is_cut(mailbox: MailboxKit) -> None:
    """A 2 GB mail must not fill the memory, and its header and beginning are still wanted."""
    raw = mail(1, body=b"0123456789\r\n" * 1000)
    mailbox.add(Role.INBOX, mail(0), raw, mail(2))
    with mailbox.source(max_mail_bytes=2000) as source:
        listed, fetched = read(source)
    assert [one.raw for one in fetched] == [mail(0), raw[:2000], mail(2)]
    assert [one.truncated for one in fetched] == [False, True, False]
    assert listed[1].size_bytes > 2000


def test_a_mail_that_is_removed_meanwhile_is_said_to_be_gone(mailbox: MailboxKit) -> None:
    """An expunge between the steps must neither stop the others nor pass for an empty mail; a server may serve it still."""
    mailbox.add(Role.INBOX, *(mail(number) for number in range(3)))
    with mailbox.source() as source:
        uids = source.uids(Role.INBOX, after=0)
        mailbox.remove(Role.INBOX, "Mail 0")
        listed = [one for batch in source.listing(Role.INBOX, uids) for one in batch]
        assert [one.uid for one in listed][-2:] == uids[1:]
        assert all(b"Subject: Mail" in one.header for one in listed)
        mailbox.remove(Role.INBOX, "Mail 1")
        gone, there = [one for batch in source.bodies(Role.INBOX, listed[-2:]) for one in batch]
    assert there == Fetched(uids[2], mail(2))
    assert gone.uid == uids[1]
    assert gone.raw == mail(1) or (gone.raw is None and "removed" in gone.problem)


def test_uids_last_from_one_connection_to_the_next(mailbox: MailboxKit) -> None:
    """UIDs are the only memory of what was read: they stay, gaps are not filled, new mail comes after."""
    mailbox.add(Role.INBOX, *(mail(number) for number in range(3)))
    with mailbox.source() as source:
        first, before = source.examine(Role.INBOX), source.uids(Role.INBOX, after=0)
    mailbox.remove(Role.INBOX, "Mail 2")
    mailbox.add(Role.INBOX, mail(3))
    with mailbox.source() as source:
        second, after = source.examine(Role.INBOX), source.uids(Role.INBOX, after=0)
    assert first is not None
    assert second is not None
    assert first.uidvalidity == second.uidvalidity
    assert after[:2] == before[:2]
    assert len(after) == 3
    assert after[2] > before[2]


def test_renumbering_shows_in_uidvalidity(mailbox: MailboxKit) -> None:
    """When UIDs become void the cursor must not be applied to the new ones: mail would be skipped."""
    mailbox.add(Role.SENT, mail(1))
    with mailbox.source() as source:
        before = source.examine(Role.SENT)
    mailbox.renumber(Role.SENT)
    with mailbox.source() as source:
        after = source.examine(Role.SENT)
    assert before is not None
    assert after is not None
    assert before.uidvalidity != after.uidvalidity


def test_reading_changes_nothing(mailbox: MailboxKit) -> None:
    """The owner's mail program must still show as unread what the owner has not read."""
    mailbox.add(Role.INBOX, *(mail(number) for number in range(20)))
    before = mailbox.state(Role.INBOX)
    with mailbox.source() as source:
        assert len(read(source)[1]) == 20
    assert mailbox.state(Role.INBOX) == before


def test_folders_can_be_read_in_turns(mailbox: MailboxKit) -> None:
    """INBOX and Sent are read on one connection: a batch must come from its own folder, not from the one opened last."""
    mailbox.add(Role.INBOX, mail(1), mail(2))
    mailbox.add(Role.SENT, mail(3))
    with mailbox.source() as source:
        inbox, sent = source.uids(Role.INBOX, after=0), source.uids(Role.SENT, after=0)
        listing = source.listing(Role.INBOX, inbox)
        assert [len(batch) for batch in source.listing(Role.SENT, sent)] == [1]
        (listed,) = listing
        fetched = [one.raw for batch in source.bodies(Role.INBOX, listed) for one in batch]
    assert fetched == [mail(1), mail(2)]
