"""What is learned from a letter: how it left, and whose manner it shows to whom."""

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.memory import NOW, mail
from support.world import CLIENT, OWNER, World, make_world, shared

from pipeline.config.clientfile import ClientFile
from pipeline.domain.ids import AccountId, ClientId
from pipeline.domain.proposal import Addressing, Author, Draft, Proposal, ProposalStatus
from pipeline.domain.strategy import Action, Facts, Strategy
from pipeline.draft.neutral import MARK
from pipeline.draft.written import WrittenWriter
from pipeline.guard import brief_for, inspect_draft
from pipeline.llm import Completion, Request
from pipeline.mail.ports import Role
from pipeline.review import approve, reject, take_edit, undo, waiting
from pipeline.run.examples import style_examples
from pipeline.run.loop import RunOptions, deliver_one, run_once
from pipeline.store import changes, clients, lessons, queue
from pipeline.store.lessons import How, Lesson, difference

CREEP = "While you are at it, please add a booking page to the site. [scope_creep]\n"
OWN = (
    "Hello Mia,\n\nthe booking page sounds lovely. It is not part of what we agreed, so I will send you a separate quote"
    " for it. Until then I carry on with the pages that we have. Does that work for you?\n\nAll the best,\nRobin Example\n"
)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """One client and one proposal."""
    world = make_world(tmp_path)
    world.box.add(mail(body=CREEP, message_id="<1@harbour.example>", subject="Page"))
    run_once(world.desk, RunOptions())
    return world


def first(world: World) -> Proposal:
    """The one proposal."""
    with world.db.read() as tx:
        found = queue.proposal(tx, waiting(world.db).proposals[0].id)
    assert found is not None
    return found


def lesson(world: World) -> Lesson | None:
    """What was learned of it."""
    with world.db.read() as tx:
        return lessons.lesson_of(tx, changes.ProposalId(1))


def send(world: World, words: str, message_id: str = "<9@studio.example>", minutes: int = 60) -> None:
    """The owner sends this in answer to the client's mail; the next run sees it."""
    at = NOW + timedelta(minutes=minutes)
    raw = mail(OWNER, CLIENT, body=words, message_id=message_id, in_reply_to="<1@harbour.example>", at=at)
    world.box.add(raw, Role.SENT, at=at)
    world.time[0] = at
    run_once(world.desk, RunOptions())


def delivered(world: World) -> Proposal:
    """The proposal approved as it is, and laid into Drafts."""
    proposal = approve(world.db, world.desk.config.owner, first(world), reviewer="robin", now=NOW)
    assert deliver_one(world.desk, proposal.id) is None
    return proposal


def test_a_difference_names_the_sentences_that_went_and_came() -> None:
    """A figure alone does not tell which sentence everybody deletes."""
    found = difference("Hello Mia,\n\nOne thing. Two things.\n\nRobin\n", "Hello Mia,\n\nOne thing. Three!\n\nRobin\n")
    assert (found.distance, found.of_words, found.gone, found.come) == (2, 7, ("Two things.",), ("Three!",))


def test_line_breaks_are_no_difference() -> None:
    """Mail programs wrap lines anew; every letter would count as edited."""
    assert difference("One thing\nand two.", "One thing and\ntwo.").distance == 0


def test_an_approval_is_a_lesson_until_it_is_taken_back(world: World) -> None:
    """A reply that was approved by a slip of the finger would teach for ever."""
    proposal = approve(world.db, world.desk.config.owner, first(world), reviewer="robin", now=NOW)
    kept = lesson(world)
    assert kept is not None
    assert (kept.how, kept.difference.distance, kept.play) == (How.APPROVED, 0, "scope_creep")
    undo(world.db, proposal, reviewer="robin", now=NOW)
    assert lesson(world) is None


def test_an_edit_is_held_against_what_firmly_proposed(world: World) -> None:
    """Held against the person's own words, every letter would look unchanged."""
    edited = take_edit(world.db, first(world), OWN, (), reviewer="robin", now=NOW)
    approve(world.db, world.desk.config.owner, edited, reviewer="robin", now=NOW)
    kept = lesson(world)
    assert kept is not None
    assert kept.offered == 1
    assert kept.difference.distance > 20
    assert "Does that work for you?" in kept.difference.come


def test_what_was_changed_in_drafts_is_what_was_sent(world: World) -> None:
    """The boundary and the manner would be those of a letter that nobody ever got."""
    proposal = delivered(world)
    words = proposal.draft.body.replace("Kind regards", "P.S. I look forward to it.\n\nAll the best")
    send(world, words)
    kept = lesson(world)
    assert kept is not None
    assert (kept.how, kept.difference.come[0][:4]) == (How.SENT, "P.S.")
    assert "look forward" in kept.words


def test_a_letter_that_left_as_it_was_shows_no_difference(world: World) -> None:
    """Closing, name and what a mail program adds below them are no words of the letter's; all would count as edited."""
    proposal = delivered(world)
    send(world, proposal.draft.body + "\n-- \nStudio Example\n+49 30 000000\n")
    kept = lesson(world)
    assert kept is not None
    assert (kept.how, kept.difference.distance, kept.difference.gone) == (How.SENT, 0, ())


def test_the_same_message_id_with_other_words_is_read_too(world: World) -> None:
    """Some programs keep the id of a draft that was edited."""
    proposal = delivered(world)
    send(world, proposal.draft.body.replace("Kind regards", "Warmly"), message_id=proposal.message_id or "")
    kept = lesson(world)
    assert kept is not None
    assert (kept.how, "Warmly" in kept.words) == (How.SENT, True)


def test_a_letter_that_was_cut_short_is_still_ours(world: World) -> None:
    """A person who deletes half of a draft sent it; it would stay unsent for ever."""
    proposal = delivered(world)
    parts = proposal.draft.body.split("\n\n")
    send(world, "\n\n".join((parts[0], parts[2], parts[-1])))
    assert status(world) is ProposalStatus.SENT


def status(world: World) -> ProposalStatus:
    """How the one proposal stands."""
    with world.db.read() as tx:
        found = queue.proposal(tx, changes.ProposalId(1))
    assert found is not None
    return found.status


def test_an_answer_in_other_words_withdraws_what_lies_in_drafts(world: World) -> None:
    """The list would go on to say that a reply is on its way."""
    delivered(world)
    send(world, "Let me call you on Tuesday.")
    kept = lesson(world)
    assert kept is not None
    assert (status(world), kept.how) == (ProposalStatus.WITHDRAWN, How.BY_HAND)


def test_a_draft_that_is_sent_after_an_answer_by_hand_is_seen(world: World) -> None:
    """A first short answer, then the letter: its ladder step and its boundary would never count."""
    proposal = delivered(world)
    send(world, "Got it, more tomorrow.", message_id="<8@studio.example>", minutes=30)
    send(world, proposal.draft.body, minutes=90)
    assert status(world) is ProposalStatus.SENT


def test_an_answer_to_somebody_else_at_the_client_withdraws_too(tmp_path: Path) -> None:
    """The client would get two answers, one of them to the office."""
    world = make_world(tmp_path)
    with world.db.write() as tx:
        file = ClientFile(name="Harbour Bakery", emails=(CLIENT, "office@harbour.example"))  # type: ignore[arg-type]
        clients.keep(tx, file, NOW)
    world.box.add(mail(body=CREEP, message_id="<1@harbour.example>", subject="Page"))
    run_once(world.desk, RunOptions())
    at = NOW + timedelta(minutes=5)
    answer = mail(
        OWNER,
        "office@harbour.example",
        body="Let us talk.",
        message_id="<2@s.example>",
        in_reply_to="<1@harbour.example>",
        at=at,
    )
    world.box.add(answer, Role.SENT, at=at)
    run_once(world.desk, RunOptions())
    kept = lesson(world)
    assert kept is not None
    assert (status(world), kept.words) == (ProposalStatus.WITHDRAWN, "Let us talk.")


# --- examples


class Listening:
    """The port Model: keeps what it is asked."""

    name = "strong-1"

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def complete(self, request: Request) -> Completion:
        """Answer with a letter."""
        self.requests.append(request)
        raise AssertionError("nothing is asked in these tests")


def facts_for(name: str, **more: object) -> Facts:
    """What a letter to this client may say."""
    return Facts(greeting_name=name, owner_name="Robin Example", language="en", client_name=name, **more)  # type: ignore[arg-type]


def strategy_for(client: int, name: str, **more: object) -> Strategy:
    """Scope creep, for this client."""
    return Strategy(
        Action.REPLY, (), f"reply:{client + 1000}:{client}", play="scope_creep", facts=facts_for(name, **more)
    )


def approved_letter(world: World, client: int, name: str, body: str, *, author: Author = Author.PERSON) -> None:
    """A letter that the owner approved for a client, in their own words unless another author is said."""
    to = Addressing(AccountId("main"), OWNER, "Robin Example", f"{name.lower()}@c{client}.example", name, "Re: Page")
    with world.db.write() as tx:
        number = changes.add_proposal(
            tx,
            strategy_for(client, name),
            Draft("Hello,\n\nan offered letter.\n" if author is Author.PERSON else body, Author.TEMPLATE, "en"),
            to,
            client_id=ClientId(client),
            mail_id=None,
            thread_id=None,
            warnings=(),
            now=NOW,
        )
        proposal = queue.proposal(tx, number)
        assert proposal is not None
        if author is Author.PERSON:
            changes.record_draft(tx, proposal, Draft(body, author, "en"), event="edited", actor="robin", now=NOW)
            proposal = queue.proposal(tx, number)
            assert proposal is not None
        changes.record_approval(
            tx, proposal, b"raw", sha256="0", message_id=f"<{number}@studio.example>", actor="robin", now=NOW
        )


def seen_by_model(world: World, strategy: Strategy) -> str:
    """Everything that would leave for a model while this reply is written."""
    library, playbook, words = shared()
    writer = WrittenWriter(
        Listening(), library, playbook, plain=world.desk.plain, examples=style_examples(world.db, playbook, words)
    )
    request = writer.request_for(strategy, None)
    return request.static + request.mail


def test_the_same_clients_replies_are_examples_as_they_left(world: World) -> None:
    """Without them every letter would sound like the model's, not like the owner's."""
    edited = take_edit(world.db, first(world), OWN, (), reviewer="robin", now=NOW)
    approve(world.db, world.desk.config.owner, edited, reviewer="robin", now=NOW)
    assert "the booking page sounds lovely" in seen_by_model(world, strategy_for(1, "Mia"))


def test_another_play_or_language_shows_nothing(world: World) -> None:
    """A French letter for a dispute teaches nothing about an English one for scope."""
    edited = take_edit(world.db, first(world), OWN, (), reviewer="robin", now=NOW)
    approve(world.db, world.desk.config.owner, edited, reviewer="robin", now=NOW)
    wanted = strategy_for(1, "Mia")
    assert wanted.facts is not None
    examples = style_examples(world.db, shared()[1], shared()[2])
    assert examples(replace(wanted, play="micromanaging")) == ()
    assert examples(replace(wanted, facts=replace(wanted.facts, language="fr"))) == ()
    assert len(examples(replace(wanted, facts=replace(wanted.facts, language="en-GB")))) == 1


def test_a_plain_letter_that_left_unchanged_is_nobodys_manner(world: World) -> None:
    """The model has it already; it would cost tokens and teach nothing."""
    approve(world.db, world.desk.config.owner, first(world), reviewer="robin", now=NOW)
    assert style_examples(world.db, shared()[1], shared()[2])(strategy_for(1, "Mia")) == ()


def test_rejected_and_withdrawn_letters_are_no_examples(world: World) -> None:
    """Words that the owner did not want would come back."""
    edited = take_edit(world.db, first(world), OWN, (), reviewer="robin", now=NOW)
    reject(world.db, edited, reviewer="robin", now=NOW)
    assert style_examples(world.db, shared()[1], shared()[2])(strategy_for(1, "Mia")) == ()


def test_fifty_clients_see_nothing_of_each_other(tmp_path: Path) -> None:
    """One client's name, figure, quote or plan in a request about another is a breach that nobody can take back."""
    world = make_world(tmp_path)
    rng = random.Random(20261122)

    def canary() -> str:
        return "".join(rng.choice("bcdfgklmnprstvz") + rng.choice("aeiou") for _ in range(5))

    secrets: dict[int, list[str]] = {}
    for client in range(2, 52):
        name, company, project, quote, aside = (canary() for _ in range(5))
        figure = f"{rng.randint(11, 99)}{rng.randint(100, 999)}"
        file = {
            "name": f"{company.title()} Ltd",
            "emails": [f"{name}@c{client}.example"],
            "project": project.title(),
        }
        with world.db.write() as tx:
            clients.keep(tx, ClientFile.model_validate(file), NOW)
        approved_letter(
            world,
            client,
            name.title(),
            f"Hello {name.title()},\n\nI am glad that the project is giving you new ideas. I have noted this one: “please"
            f" {quote} the page”. This would come on top of what we agreed for {project.title()}, so it needs its own yes from"
            f" both of us, and it costs EUR {figure} or {figure[:2]} per cent by 14 March; www.{quote}.example has it, or"
            f" {aside} first. I begin once I have your yes in writing; the agreed work goes on as planned. Does that work for"
            f" you?\n\nAll the best,\nRobin Example\n",
        )
        secrets[client] = [name, company, project, quote, aside, figure, "March"]
    asked = {client: seen_by_model(world, strategy_for(client, "Kim")) for client in (2, 17, 51)}
    asked[0] = seen_by_model(world, strategy_for(99, "Stranger"))
    leaks = [
        (client, other, secret)
        for client, text in asked.items()
        for other, words in secrets.items()
        if other != client
        for secret in words
        if secret.lower() in text.lower() and secret not in secrets.get(client, [])
    ]
    assert leaks == []
    assert all(f"it needs its own yes from both of us, and it costs EUR {MARK}" in text for text in asked.values())
    assert secrets[17][4] in asked[17]


def test_a_letter_with_little_left_is_no_example(tmp_path: Path) -> None:
    """A row of gaps shows no manner, and confuses a small model."""
    world = make_world(tmp_path)
    approved_letter(
        world, 1, "Ola", "Servus Ola, passt scho, mach ma glei morgen nach der Brotzeit beim Huberwirt. Pfiat di"
    )
    assert style_examples(world.db, shared()[1], shared()[2])(strategy_for(2, "Kim")) == ()


def test_a_copied_gap_is_stopped_by_the_guard() -> None:
    """A model that copies the mark would send the client a gap."""
    letter = f"Hello Mia,\n\nI will send you the quote for {MARK} soon.\n\nKind regards,\nRobin Example\n"
    found = inspect_draft(
        letter, brief_for(strategy_for(1, "Mia"), message=None, labels=(), other_clients=()), shared()[2]
    )
    assert "placeholder" in {finding.name for finding in found}
