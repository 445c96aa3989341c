"""Threads by ids, and by subject only for replies that carry none."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parse_mails import mail

from pipeline.domain.ids import UntrustedText
from pipeline.domain.mail import Message
from pipeline.thread import base_subject, group, is_reply_subject, reply_subject_key, thread_ids

SAMPLE = mail()


def message(
    own: str | None = None,
    *,
    answers: tuple[str, ...] = (),
    knows: tuple[str, ...] = (),
    subject: str = "Draft",
    hour: int = 0,
    sender: str = "jo@client.example",
) -> Message:
    """A mail with these ids, so many hours after the sample."""
    assert SAMPLE.from_ is not None
    assert SAMPLE.sent_at is not None
    return replace(
        SAMPLE,
        message_id=own,
        in_reply_to=answers,
        references=knows,
        subject=UntrustedText(subject),
        from_=replace(SAMPLE.from_, email=sender),
        sent_at=SAMPLE.sent_at + timedelta(hours=hour),
    )


@pytest.mark.parametrize(
    ("subject", "base", "reply"),
    [
        ("Draft", "draft", False),
        ("Re: Draft", "draft", True),
        ("RE : Re:re: Draft", "draft", True),
        ("Re[2]: Draft", "draft", True),
        ("Re (3): Draft", "draft", True),
        ("AW: WG: Draft", "draft", True),
        ("Antw.: Draft", "draft", True),
        ("SV: VS: Draft", "draft", True),
        ("Odp: Draft", "draft", True),
        ("Ynt: Draft", "draft", True),
        ("YNT: İLT: Draft", "draft", True),
        ("رد: المسودة", "المسودة", True),
        ("Ответ: Draft", "draft", True),
        ("回复：草稿", "草稿", True),
        ("返信: 草案", "草案", True),
        ("답장: 초안", "초안", True),
        ("Պատ: Նախագիծ", "նախագիծ", True),
        ("[list] Re: [list] Draft", "draft", True),
        ("RE: [EXTERNAL] Draft", "draft", True),
        ("Fwd: Re: Draft", "draft", False),
        ("Draft (fwd)", "draft", False),
        ("Rechnung: 5", "rechnung: 5", False),
        ("Regarding: Draft", "regarding: draft", False),
        ("  Two\t words ", "two words", False),
        ("Re:", "", True),
        ("[only a mark]", "[only a mark]", False),
    ],
)
def test_subject_marks_of_many_languages(subject: str, base: str, reply: bool) -> None:  # noqa: FBT001 a column of the table
    """A mark that is not known makes a thread of its own; one that is none merges strangers."""
    assert (base_subject(subject), is_reply_subject(subject)) == (base, reply)
    assert reply_subject_key(subject) == (base if reply and base else None)


def test_ids_start_with_the_mails_own_and_hold_no_repeats() -> None:
    """A store links by these: a missing or double id tears or merges threads."""
    assert thread_ids(message("<c>", answers=("<b>",), knows=("<a>", "<b>"))) == ("<c>", "<b>", "<a>")
    assert thread_ids(message(None)) == ()


def test_late_middle_joins_both_ends() -> None:
    """Mail arrives out of order; the mail in the middle may come last."""
    first, last, middle = message("<a>"), message("<c>", answers=("<b>",)), message("<b>", answers=("<a>",))
    assert group([first, last]) == [[0], [1]]
    assert group([first, last, middle]) == [[0, 1, 2]]


def test_two_replies_to_a_mail_that_we_never_saw_are_one_thread() -> None:
    """The mail that started it may be older than the mailbox."""
    assert group([message("<b>", knows=("<a>",)), message("<c>", knows=("<a>",))]) == [[0, 1]]


def test_same_subject_alone_joins_nothing() -> None:
    """Every month has an "Invoice"; they are not one conversation."""
    assert group([message("<a>", subject="Invoice"), message("<b>", subject="Invoice", hour=1)]) == [[0], [1]]


def test_reply_without_ids_joins_the_newest_earlier_mail_of_its_people() -> None:
    """Some programs answer without References; the subject and the people are all there is."""
    mails = [
        message("<a>", subject="Invoice"),
        message("<b>", subject="Invoice", hour=2),
        message("<c>", subject="Invoice", hour=9),
        message("<r>", subject="Re: Invoice", hour=5),
    ]
    assert group(mails) == [[0], [1, 3], [2]]
    stranger = replace(message("<s>", subject="AW: Invoice", hour=6, sender="eve@x.example"), to=(), cc=())
    assert group([*mails, stranger]) == [[0], [1, 3], [2], [4]]


def test_empty_subjects_never_meet() -> None:
    """`Re:` without words would gather every such mail."""
    assert group([message("<a>", subject=""), message("<b>", subject="Re: ", hour=1)]) == [[0], [1]]


IDS = st.sampled_from(["<a>", "<b>", "<c>", "<d>", "<e>", "<f>"])
MAILS = st.lists(
    st.builds(
        lambda own, answers, knows, subject, hour: message(
            own, answers=answers, knows=knows, subject=subject, hour=hour
        ),
        st.none() | IDS,
        st.lists(IDS, max_size=1).map(tuple),
        st.lists(IDS, max_size=2).map(tuple),
        st.sampled_from(["Draft", "Re: Draft", "AW: Draft", "Invoice", "Re: Invoice"]),
        st.integers(0, 50),
    ),
    max_size=9,
    unique_by=lambda one: one.sent_at,
)


@given(MAILS, st.randoms(use_true_random=False))
def test_order_of_arrival_does_not_matter(mails: list[Message], chance: Random) -> None:
    """Two runs over the same mailbox would show different threads."""
    order = list(range(len(mails)))
    chance.shuffle(order)
    straight = {frozenset(thread) for thread in group(mails)}
    shuffled = {frozenset(order[at] for at in thread) for thread in group([mails[at] for at in order])}
    assert straight == shuffled
    assert sorted(at for thread in straight for at in thread) == list(range(len(mails)))


def test_a_long_chain_and_a_flood_of_orphans_are_grouped() -> None:
    """Recursion or a search for every pair would not end on a real mailbox."""
    chain = [message(f"<{at}>", answers=(f"<{at - 1}>",), subject=f"x{at}") for at in range(5000)]
    assert len(group(chain)) == 1
    orphans = [message(f"<o{at}>", subject="Re: Draft", hour=at) for at in range(5000)]
    assert len(group(orphans)) == 1
