"""The judge that needs no endpoint: what it promises of every answer, whatever the mail."""

from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from pipeline.classify.embedded import EmbeddedJudge
from pipeline.classify.embedded.encoder import verify
from pipeline.classify.embedded.heads import CARD, WEIGHTS, Heads
from pipeline.classify.embedded.judge import widen
from pipeline.classify.embedded.sentences import fold
from pipeline.domain.assessment import Assessment, LegalKind, PaymentKind
from pipeline.domain.client import Client, Context, EarlierMail
from pipeline.domain.ids import ClientId, UntrustedText
from pipeline.domain.mail import Message
from pipeline.errors import ConfigError
from pipeline.parse import parse_message
from pipeline.playbook import Taxonomy, load_playbook
from pipeline.prompts import PromptLibrary
from pipeline.resources import shipped

NOBODY = Context(client=None)
THREAT = (
    "You useless idiot. If the file is not here in an hour I will come over and break your legs. I know where you live."
)


@pytest.fixture(scope="module")
def judge() -> EmbeddedJudge:
    """One judge for all: loading the encoder takes a second."""
    return EmbeddedJudge()


def mail(body: str, subject: str = "The menu page") -> Message:
    """A mail that came in."""
    message = EmailMessage()
    message["From"] = "Mia <mia@harbour.example>"
    message["Subject"] = subject
    message["Date"] = "Wed, 10 Jun 2026 09:00:00 +0200"
    message.set_content(body)
    return parse_message(message.as_bytes())


def labels(assessment: Assessment, *, sure: bool = True) -> set[str]:
    """The labels that are sure, or those that are not."""
    return {behaviour.label for behaviour in assessment.behaviours if behaviour.sure is sure}


@pytest.mark.parametrize(
    "body",
    [
        "Thanks, all five files open. We will send our comments on Thursday as planned.",
        "Could you reissue invoice 8841 with our PO number? It is then paid within 30 days.",
        "Die Palette ist heute angekommen. Der Lieferschein liegt bei.",
    ],
)
def test_ordinary_mail_carries_no_behaviour(judge: EmbeddedJudge, body: str) -> None:
    """A judge that sees a difficult client in everyday mail would be switched off within a day."""
    assessment = judge.judge(mail(body), NOBODY)
    assert labels(assessment) == set()
    assert assessment.tone in {"neutral", "warm"}


@pytest.mark.parametrize(
    ("body", "language"),
    [
        (THREAT, "en"),
        ("Du elender Versager, halt die Klappe. Ich weiß, wo du wohnst, und dann kannst du was erleben.", "de"),
        ("Seni aptal! O dosya gelmezse oraya gelir bacaklarını kırarım, nerede oturduğunu biliyorum.", "tr"),
    ],
)
def test_threats_reach_aggression_with_their_words(judge: EmbeddedJudge, body: str, language: str) -> None:
    """A threat that is missed would be answered by a template; it has to reach a person."""
    assessment = judge.judge(mail(body), NOBODY)
    assert assessment.language == language
    assert "aggression" in labels(assessment)
    assert assessment.tone == "hostile"


def test_every_quote_stands_in_the_mail(judge: EmbeddedJudge) -> None:
    """A quote that is not in the mail would be evidence that nobody can find."""
    body = (
        "No.\n\n- Red!\n- I asked for a longer list of very many things that nobody\n  agreed to, at no extra cost, while\n"
        "  you are at it.\nAnd I never heard that revisions cost extra. " + THREAT
    )
    message = mail(body)
    assessment = judge.judge(message, NOBODY)
    assert assessment.behaviours
    for behaviour in assessment.behaviours:
        assert behaviour.quote in fold(message.newest)
        assert len(behaviour.quote.split()) >= 3
        assert 0 <= behaviour.confidence <= 10


def test_a_short_sentence_borrows_from_its_neighbours() -> None:
    """A quote of one word would be dropped by its own rule, and its label with it."""
    assert widen(["Idiot!", "You will regret", "this."], 0) == "Idiot! You will regret"
    assert widen(["We saw it.", "No."], 1) == "We saw it. No."
    assert widen(["No."], 0) == "No."


def test_the_end_of_a_long_mail_is_read(judge: EmbeddedJudge) -> None:
    """A judge that reads only the beginning would miss the threat at the end of a long mail."""
    filler = "The pallet arrived complete and the papers are with the agent. " * 400
    assert "aggression" in labels(judge.judge(mail(filler + "\n\n" + THREAT), NOBODY))


@pytest.mark.parametrize("body", ["", "   \n\n ", "ok", "👍", "\u200b", "a" * 50_000, "?!" * 2000])
def test_any_text_gets_an_answer(judge: EmbeddedJudge, body: str) -> None:
    """Mail without a word, or without an end, must not stop a run."""
    assessment = judge.judge(replace(mail("x"), newest=UntrustedText(body)), NOBODY)
    assert assessment.unfilled == ("summary",)


def test_a_few_words_convict_nobody_but_of_an_insult() -> None:
    """The heads guess on three words, and a guess would be an accusation."""
    every = EmbeddedJudge(thresholds=dict.fromkeys(Heads().card.behaviours, 0.0))
    assert labels(every.judge(mail("A text section"), NOBODY)) == set()
    assert labels(every.judge(mail("You are an idiot."), NOBODY)) == {"aggression"}


def test_the_same_mail_gives_the_same_answer(judge: EmbeddedJudge) -> None:
    """Replays and the eval command rely on it."""
    message = mail(THREAT)
    assert judge.judge(message, NOBODY) == judge.judge(message, NOBODY)


def test_a_label_of_record_is_not_sure_without_a_record(judge: EmbeddedJudge) -> None:
    """Nobody is called a liar on the strength of a single mail."""
    body = "I never approved version 2. You printed it without asking me."
    record = EarlierMail(
        "<1@x.example>", datetime(2026, 3, 4, tzinfo=UTC), True, UntrustedText("Version 2 approved, print it.")
    )
    alone = judge.judge(mail(body), NOBODY)
    with_record = judge.judge(mail(body), Context(client=None, thread=(record,)))
    assert "dishonesty" not in labels(alone)
    assert "dishonesty" in labels(with_record)


def test_thresholds_and_switches_of_the_owner_hold() -> None:
    """A label that the owner switched off must not come back, and a bound of theirs must count."""
    message = mail(THREAT)
    assert "aggression" in labels(EmbeddedJudge(thresholds={"aggression": 0.01}).judge(message, NOBODY))
    strict = EmbeddedJudge(thresholds={"aggression": 1.01}, floors={"aggression": 0.0})
    assert "aggression" in labels(strict.judge(message, NOBODY), sure=False)
    off = EmbeddedJudge(disabled=frozenset({"aggression", "hostile"})).judge(message, NOBODY)
    assert "aggression" not in labels(off) | labels(off, sure=False)
    assert off.tone != "hostile"


def test_the_fingerprint_changes_with_the_settings() -> None:
    """An old answer would be taken for a new one if a changed threshold left the fingerprint alone."""
    prints = {
        EmbeddedJudge().fingerprint,
        EmbeddedJudge(thresholds={"aggression": 0.9}).fingerprint,
        EmbeddedJudge(disabled=frozenset({"aggression"})).fingerprint,
        EmbeddedJudge(names={"aggression": "rage"}).fingerprint,
    }
    assert len(prints) == 4


def shipped_taxonomy() -> Taxonomy:
    """The taxonomy that comes with Firmly."""
    library = PromptLibrary(None, shipped("prompts"))
    return load_playbook(lambda name: library.source(name).text, library.names()).taxonomy


def test_the_owners_names_are_spoken() -> None:
    """A renamed label that came out under its trained name would find no play."""
    taxonomy = shipped_taxonomy()
    renamed = tuple(
        replace(rule, name="rage", was=("aggression",)) if rule.name == "aggression" else rule
        for rule in taxonomy.behaviours
    )
    assessment = EmbeddedJudge.for_taxonomy(replace(taxonomy, behaviours=renamed)).judge(mail(THREAT), NOBODY)
    assert "rage" in labels(assessment)
    assert assessment.tone == "hostile"


def test_the_trained_labels_are_those_of_the_taxonomy() -> None:
    """A label that was trained under another name would silently be switched off."""
    card, taxonomy = Heads().card, shipped_taxonomy()
    assert set(card.behaviours) == {rule.name for rule in taxonomy.behaviours}
    assert set(card.tones) == {rule.name for rule in taxonomy.tones}
    assert set(card.intents) == {rule.name for rule in taxonomy.intents}


def test_a_dated_promise_is_no_dispute(judge: EmbeddedJudge) -> None:
    """The word for a bill alone sways the head; the rules for promises know better."""
    promised = "Guten Tag Robin,\n\nich überweise den Betrag für Rechnung 105 nächsten Freitag.\n\nViele Grüße\nKim"
    assessment = judge.judge(mail(promised, "Ihre Rechnung 105"), Context(client=None))
    assert "invoice_dispute" not in labels(assessment)
    assert assessment.payment is not None
    assert assessment.payment.kind is PaymentKind.PROMISE


def test_a_lawyers_letter_is_a_threat(judge: EmbeddedJudge) -> None:
    """Liability and a lawsuit go to a person under different headings."""
    letter = judge.judge(
        mail("We act for Fairholt Ltd. Unless the deposit is repaid in 14 days our client will begin proceedings."),
        NOBODY,
    )
    favour = judge.judge(
        mail("Could you put last year's date on the certificate? The inspector only looks at the date."), NOBODY
    )
    assert letter.legal is LegalKind.THREAT
    assert favour.legal is LegalKind.EXPOSURE


def test_the_clients_language_decides_where_the_mail_does_not(judge: EmbeddedJudge) -> None:
    """`OK.` is no language; a Polish client would get an English answer."""
    client = Client(id=ClientId("c"), name="C", emails=(), language="pl")
    assert judge.judge(mail("OK.", subject=""), Context(client=client)).language == "pl"


@pytest.mark.parametrize("name", ["weights.npz", "sp.model"])
def test_altered_encoder_weights_are_refused(tmp_path: Path, name: str) -> None:
    """Vectors of other weights would make every head guess."""
    (tmp_path / name).write_bytes(b"something else")
    with pytest.raises(ConfigError, match=r"weights\.npz"):
        verify(tmp_path)


def test_altered_heads_are_refused(tmp_path: Path) -> None:
    """A half-written or swapped weights file would judge mail without anybody noticing."""
    altered = tmp_path / "heads.npz"
    altered.write_bytes(WEIGHTS.read_bytes()[:-1])
    with pytest.raises(ConfigError, match="SHA-256"):
        Heads(altered, CARD)
    with pytest.raises(ConfigError, match="lacks its file"):
        Heads(tmp_path / "none.npz", CARD)
