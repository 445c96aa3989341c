"""The form of a model's answer, made from the taxonomy: closed enums, no extra keys, nothing optional.

The fields are in the order in which a reader would think: what the mail says before what it is called, the quote
before the label. No ranges and patterns, because servers differ in which of them they enforce. Lengths stand in the
schema for servers that enforce them, so that a small model comes to an end, and are no reason to refuse an answer: a
quote that was cut short is still the mail's own words.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model

from pipeline.playbook import Taxonomy

TURNS = ("M1", "M2", "M3", "M4", "M5", "M6")
"""What earlier mails of a thread are called in a prompt. Fixed, so that the schema is the same for every mail."""

_CLOSED = ConfigDict(extra="forbid", frozen=True)
_MOST_BEHAVIOURS = 3
_MOST = 4
"""Asks, and invoices, of one mail. With the lengths below the longest answer fits into `max_tokens` of `classify.md`."""

Quote = Annotated[str, Field(json_schema_extra={"maxLength": 160})]
Line = Annotated[str, Field(json_schema_extra={"maxLength": 100})]
Word = Annotated[str, Field(json_schema_extra={"maxLength": 24})]


def _no_truth(value: object) -> object:
    """Python takes true for 1; a confidence it is not."""
    if isinstance(value, bool):
        raise ValueError("must be a whole number from 0 to 10")  # noqa: TRY004 pydantic wants ValueError
    return value


class AskAnswer(BaseModel):
    """Something that they want."""

    model_config = _CLOSED

    quote: Quote
    text: Line


class PaymentAnswer(BaseModel):
    """What the mail says about paying."""

    model_config = _CLOSED

    quote: Quote
    kind: Literal["promise", "claim", "dispute", "query", "insolvency"]
    invoices: Annotated[list[Word], Field(json_schema_extra={"maxItems": _MOST})]
    amount: Annotated[str, Field(json_schema_extra={"maxLength": 14})] | None
    currency: Annotated[str, Field(json_schema_extra={"maxLength": 3})] | None
    date: Annotated[str, Field(json_schema_extra={"maxLength": 10})] | None
    reason: Line | None


class BehaviourAnswer(BaseModel):
    """One behaviour; its `label` is closed by `answer_shape`."""

    model_config = _CLOSED

    quote: Quote
    source: Literal["M1", "M2", "M3", "M4", "M5", "M6"] | None
    label: str
    confidence: Annotated[Literal[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], BeforeValidator(_no_truth)]


class Answer(BaseModel):
    """What is going on in a mail; tone, intent and labels are closed by `answer_shape`."""

    model_config = _CLOSED

    language: Word
    summary: Line
    addresses_ai: bool
    tone: str
    intent: str
    behaviours: list[BehaviourAnswer]
    needs_reply: bool
    asks: Annotated[list[AskAnswer], Field(json_schema_extra={"maxItems": _MOST})]
    payment: PaymentAnswer | None
    legal: Literal["exposure", "threat"] | None


def answer_shape(taxonomy: Taxonomy) -> type[Answer]:
    """The form with the labels of this taxonomy that are not switched off."""
    closed: dict[str, Any] = {"tone": (_one_of(taxonomy, "tone"), ...)}
    if taxonomy.active("intent"):
        closed["intent"] = (_one_of(taxonomy, "intent"), ...)
    if taxonomy.active("behaviour"):
        label: Any = (_one_of(taxonomy, "behaviour"), ...)
        behaviour = create_model("BehaviourAnswer", __base__=BehaviourAnswer, label=label)
        most = Field(json_schema_extra={"maxItems": _MOST_BEHAVIOURS})
        closed["behaviours"] = (Annotated[list[behaviour], most], ...)  # type: ignore[valid-type]  # a type made at run time
    made: type[Answer] = create_model("Answer", __base__=Answer, **closed)
    return made


def _one_of(taxonomy: Taxonomy, kind: Literal["tone", "intent", "behaviour"]) -> Any:
    return Literal[tuple(str(rule.name) for rule in taxonomy.active(kind))]
