"""The judge with an endpoint: one call a mail, every word of the answer checked against the mail.

What the model says is a claim. A behaviour needs its words in the mail, an amount its figures, an invoice its number;
what has none is dropped, and named as dropped where it is a label.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import cast

from babel import Locale, UnknownLocaleError

from pipeline.classify.answer import Answer, BehaviourAnswer, PaymentAnswer, answer_shape
from pipeline.classify.briefing import Briefing, brief
from pipeline.classify.embedded.marks import find_bank_details
from pipeline.classify.embedded.sentences import split_sentences
from pipeline.classify.figures import holds_amount
from pipeline.domain.assessment import Ask, Assessment, Behaviour, LegalKind, PaymentKind, PaymentStatement
from pipeline.domain.client import Context
from pipeline.domain.ids import Label, UntrustedText
from pipeline.domain.mail import Message
from pipeline.llm import Model, Request
from pipeline.llm.fence import Fence, in_one_line, random_name
from pipeline.llm.structured import strict_schema
from pipeline.playbook import Basis, Taxonomy
from pipeline.promptfile import hash_of
from pipeline.prompts import PromptLibrary

SURE = 7
"""From this confidence on, where the taxonomy says nothing else."""
UNSURE = 4
"""Below this confidence a label is left out."""

_PROMPT = "classify.md"
_LEGAL = "legal_risk"
_LONGEST_SUMMARY = 200
_LONGEST_ASK = 160
_MOST_ASKS = 8
_NEAR = timedelta(days=400)  # a date of payment further away than this was misread


class OneCallJudge:
    """Implements the port `Judge` over a `Model`. Safe for threads."""

    def __init__(self, model: Model, library: PromptLibrary, taxonomy: Taxonomy, *, fence: Fence = random_name) -> None:
        """Read and fill the static part of `classify.md`, once. Raises PromptError if it cannot be."""
        self._model = model
        self._library = library
        self._taxonomy = taxonomy
        self._fence = fence
        self._prompt = library.prompt(_PROMPT)
        self._shape = answer_shape(taxonomy)
        labels = {
            "tones": taxonomy.active("tone"),
            "intents": taxonomy.active("intent"),
            "behaviours": taxonomy.active("behaviour"),
        }
        static = self._prompt.static
        self._static = library.render(static.text, labels, name=_PROMPT, first_line=static.line)
        self._hash = hash_of(self._static, self._prompt.mail.text)
        asked = self._prompt.settings.model or model.name
        self.name = f"one_call/{asked}"
        settings, schema = self._prompt.settings, repr(strict_schema(self._shape, bounded=True))
        self.fingerprint = hash_of(self._hash, asked, repr(settings), schema, taxonomy.fingerprint, f"{SURE} {UNSURE}")

    def bounds(self, label: Label) -> tuple[float, float] | None:
        """See `Bounded`."""
        return self._threshold(label, sure=False), self._threshold(label, sure=True)

    def judge(self, message: Message, context: Context) -> Assessment:
        """Assess the newest text of a mail. Errors as the ports of judges and models say."""
        briefing = brief(message, context, self._fence)
        done = self._model.complete(self._request(message, briefing))
        return self._checked(cast("Answer", done.answer), briefing, message, context)

    def request_for(self, message: Message, context: Context) -> Request:
        """What would be asked about this mail, for `firmly prompts preview`. Nothing is sent."""
        return self._request(message, brief(message, context, self._fence))

    def _request(self, message: Message, briefing: Briefing) -> Request:
        mail, settings = self._prompt.mail, self._prompt.settings
        return Request(
            purpose="classify",
            static=self._static,
            mail=self._library.render(mail.text, briefing.variables, name=_PROMPT, first_line=mail.line),
            prompt_hash=self._hash,
            shape=self._shape,
            max_tokens=settings.max_tokens,
            temperature=settings.temperature,
            model=settings.model,
            reference=message.message_id,
        )

    def _checked(self, answer: Answer, briefing: Briefing, message: Message, context: Context) -> Assessment:
        """The answer as an assessment, without what the mail does not bear out."""
        behaviours, dropped = self._behaviours(answer, briefing, context)
        payment = _payment(answer.payment, briefing, message, context)
        if answer.payment is not None and payment is None:
            dropped.append("payment")
        language = _language(answer.language)
        legal = LegalKind(answer.legal) if answer.legal else None
        return Assessment(
            judge=self.name,
            language=language or (context.client.language if context.client else None) or "und",
            tone=Label(answer.tone),
            intent=Label(answer.intent) if self._taxonomy.active("intent") else None,
            behaviours=tuple(behaviours),
            needs_reply=answer.needs_reply,
            asks=tuple(_asks(answer, briefing)),
            summary=UntrustedText(in_one_line(answer.summary, _LONGEST_SUMMARY)),
            addresses_ai=answer.addresses_ai,
            payment=payment,
            legal=legal if any(self._is_legal(behaviour.label) for behaviour in behaviours) else None,
            bank_details=_bank_details(message),
            unfilled=() if language else ("language",),
            dropped=tuple(dict.fromkeys(dropped)),
        )

    def _is_legal(self, label: Label) -> bool:
        return label == self._taxonomy.current(_LEGAL, "behaviour")

    def _behaviours(self, answer: Answer, briefing: Briefing, context: Context) -> tuple[list[Behaviour], list[str]]:
        """Most confident first, one a label; and the labels whose quote is not where it is said to be."""
        found: dict[Label, Behaviour] = {}
        dropped: list[str] = []
        for claim in sorted(answer.behaviours, key=lambda claim: -claim.confidence):
            behaviour = self._behaviour(claim, briefing, context)
            if behaviour is None:
                dropped.append(claim.label)
            elif claim.confidence >= self._threshold(claim.label, sure=False):
                found.setdefault(behaviour.label, behaviour)
        return list(found.values()), [label for label in dropped if label not in found]

    def _behaviour(self, claim: BehaviourAnswer, briefing: Briefing, context: Context) -> Behaviour | None:
        label = Label(claim.label)
        basis = self._basis(label)
        quote, source = briefing.newest.find(claim.quote), None
        earlier = briefing.earlier.get(claim.source or "")
        if quote is None and earlier is not None and basis != (Basis.EMAIL,):
            # A label that one mail is enough for was judged when that mail came; its words do not count twice.
            turn, words = earlier
            quote, source = words.find(claim.quote), turn.message_id
        if quote is None:
            return None
        on_record = Basis.EMAIL in basis or bool(context.thread or context.invoices)
        sure = on_record and claim.confidence >= self._threshold(label, sure=True)
        return Behaviour(label, claim.confidence, quote, source, sure)

    def _basis(self, label: str) -> tuple[Basis, ...]:
        rule = self._taxonomy.rule(label, "behaviour")
        return rule.basis if rule and rule.basis else (Basis.EMAIL,)

    def _threshold(self, label: str, *, sure: bool) -> float:
        rule = self._taxonomy.rule(label, "behaviour")
        own = None if rule is None else rule.sure if sure else rule.unsure
        return own if own is not None else SURE if sure else UNSURE


def _asks(answer: Answer, briefing: Briefing) -> Iterator[Ask]:
    for ask in answer.asks[:_MOST_ASKS]:
        quote = briefing.newest.find(ask.quote)
        if quote is not None:
            yield Ask(UntrustedText(in_one_line(ask.text, _LONGEST_ASK)), quote)


def _payment(
    claim: PaymentAnswer | None, briefing: Briefing, message: Message, context: Context
) -> PaymentStatement | None:
    """What the mail says about paying; None without its words, and for a promise without a date: "soon" is none."""
    quote = briefing.newest.find(claim.quote) if claim else None
    if claim is None or quote is None:
        return None
    kind, day = PaymentKind(claim.kind), _day(claim.date, message)
    if kind is PaymentKind.PROMISE and day is None:
        return None
    amount = _amount(claim.amount, message.newest)
    known = {invoice.number for invoice in context.invoices}
    return PaymentStatement(
        kind=kind,
        quote=quote,
        invoices=tuple(n for n in claim.invoices if n in known or (n.strip() and n in message.newest)),
        amount=amount,
        currency=_currency(claim.currency) if amount is not None else None,
        date=day,
        reason=UntrustedText(in_one_line(claim.reason, _LONGEST_ASK)) if claim.reason else None,
    )


def _day(text: str | None, message: Message) -> date | None:
    try:
        day = date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
    sent = message.sent_at.date() if message.sent_at else None
    return day if sent is None or abs(day - sent) <= _NEAR else None


def _amount(text: str | None, mail: str) -> Decimal | None:
    try:
        amount = Decimal(text or "")
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and amount > 0 and holds_amount(mail, amount) else None


def _currency(text: str | None) -> str | None:
    code = (text or "").strip().upper()
    return code if re.fullmatch("[A-Z]{3}", code) else None


def _language(text: str) -> str | None:
    """The BCP 47 tag in its usual spelling; None if it is none."""
    try:
        return str(Locale.parse(text.strip().replace("-", "_"))).replace("_", "-")
    except (UnknownLocaleError, ValueError):
        return None


def _bank_details(message: Message) -> UntrustedText | None:
    """By code in every mail, because a mail that wants to steal money may also tell the model to look away."""
    found = find_bank_details(split_sentences(message.newest))
    return UntrustedText(found) if found else None
