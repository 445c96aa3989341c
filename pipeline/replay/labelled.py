"""A judge that repeats what a person confirmed, and asks another one about the rest."""

import re
from collections.abc import Mapping
from dataclasses import replace

from pipeline.classify.embedded.asks import find_asks
from pipeline.classify.embedded.dates import find_dates
from pipeline.classify.embedded.language import detect_language
from pipeline.classify.embedded.marks import find_bank_details, legal_kind
from pipeline.classify.embedded.money import read_payment
from pipeline.classify.embedded.sentences import fold, split_sentences
from pipeline.classify.ports import Judge
from pipeline.domain.assessment import Assessment, Behaviour, PaymentKind, PaymentStatement
from pipeline.domain.client import Context
from pipeline.domain.ids import Label, UntrustedText
from pipeline.domain.mail import Message
from pipeline.playbook import Taxonomy
from pipeline.replay.directory import Labels

_SURE = 10
_PROMISE, _DELAY, _DISPUTE, _LEGAL = "payment_promise", "payment_delay", "invoice_dispute", "legal_risk"
_BILLING = "billing_query"
_VAGUE = re.compile(
    r"\b(?:maybe|perhaps|hopefully|soon|probably|possibly|might|try|vielleicht|hoffentlich|bald|irgendwann|peut-être|bientôt|quizás?|pronto|forse|presto|talvez"
    r"|misschien|belki|yakında|może|wkrótce|может|скоро|надеюсь)\b",
    re.IGNORECASE,
)


class LabelledJudge:
    """Labels come from a person; dates, amounts and bank details from the rules that read every mail."""

    def __init__(self, other: Judge, labels: Mapping[str, Labels], taxonomy: Taxonomy) -> None:
        """`labels` by Message-ID; `other` judges the mails that are not among them."""
        self._other = other
        self._labels = labels
        self.taxonomy = taxonomy
        self.name = f"confirmed+{other.name}"
        self.fingerprint = other.fingerprint

    def judge(self, message: Message, context: Context) -> Assessment:
        """Assess a mail; the other judge is asked only where no person has spoken."""
        given = self._labels.get(message.message_id or "")
        if given is None:
            return self._other.judge(message, context)
        sentences = split_sentences(message.newest)
        language = detect_language(message.newest, context.client.language if context.client else None)
        behaviours = self._behaviours(given, sentences)
        named = {b.label for b in behaviours}
        intents = self.intents(given)
        return Assessment(
            judge="confirmed",
            language=language,
            tone=self.taxonomy.current(given.tone, "tone") or Label("neutral") if given.tone else Label("neutral"),
            intent=intents[0] if intents else None,
            behaviours=behaviours,
            needs_reply=bool(named) or bool(find_asks(sentences)),
            asks=find_asks(sentences),
            payment=_payment(message, sentences, language, named, frozenset(intents)),
            legal=legal_kind(message.newest) if _LEGAL in named else None,
            bank_details=UntrustedText(found) if (found := find_bank_details(sentences)) else None,
            unfilled=("summary", "addresses_ai"),
        )

    def intents(self, given: Labels) -> tuple[Label, ...]:
        """The intents by their present names; the one that a decision turns on first."""
        found = [name for word in given.intents if (name := self.taxonomy.current(word, "intent"))]
        order = [rule.name for rule in self.taxonomy.intents]
        return tuple(sorted(dict.fromkeys(found), key=order.index))

    def behaviours(self, given: Labels) -> tuple[Label, ...]:
        """The behaviours by their present names."""
        found = [name for word in given.behaviours if (name := self.taxonomy.current(word, "behaviour"))]
        return tuple(dict.fromkeys(found))

    def _behaviours(self, given: Labels, sentences: list[str]) -> tuple[Behaviour, ...]:
        first = sentences[0] if sentences else ""
        return tuple(
            Behaviour(name, _SURE, UntrustedText(given.quotes.get(name, first))) for name in self.behaviours(given)
        )


def _payment(
    message: Message, sentences: list[str], language: str, behaviours: set[Label], intents: frozenset[Label]
) -> PaymentStatement | None:
    """What the rules for money read; a person's word that it is a promise, or a delay, goes over the rules'."""
    text = fold(f"{message.subject}\n{message.newest}")
    said = read_payment(
        sentences, text, language, message.sent_at, disputed=_DISPUTE in behaviours, billing=_BILLING in intents
    )
    promised = _PROMISE in intents
    if said is not None and said.kind is PaymentKind.PROMISE:
        return None if _DELAY in behaviours and not promised else said
    if promised and (said is None or said.kind in {PaymentKind.CLAIM, PaymentKind.QUERY}):
        return _promise(message, sentences, language, said)
    return said


def _promise(
    message: Message, sentences: list[str], language: str, said: PaymentStatement | None
) -> PaymentStatement | None:
    """The first sentence that names a day to come; a vague one promises nothing."""
    for sentence in sentences:
        days = find_dates(sentence, language, message.sent_at)
        ahead = [day for day in days if message.sent_at is None or day >= message.sent_at.date()]
        if ahead and not _VAGUE.search(sentence):
            quote = UntrustedText(sentence)
            base = said or PaymentStatement(PaymentKind.PROMISE, quote)
            return replace(base, kind=PaymentKind.PROMISE, quote=quote, date=ahead[-1])
    return None
