"""What to change when an endpoint refuses the form of a request, and what a failure means when nothing is left to change.

Servers differ in how they say no: by `param`, by `code`, or in words only. What they say is matched, never repeated.
A 400 or 422 that names nothing known is taken as "no such response format" while there is a lower rung to try.
"""

from dataclasses import replace

from pipeline.domain.calls import Abilities, Rung
from pipeline.errors import (
    AnswerRefused,
    BadAnswer,
    ConfigError,
    CredentialsError,
    EndpointFailed,
    FirmlyError,
    ModelUnavailable,
)
from pipeline.llm.retry import Failed

_LOWER = {Rung.STRICT: Rung.OBJECT, Rung.OBJECT: Rung.TEXT}
_FORM = frozenset({400, 404, 422, 501})
_FORMAT_WORDS = ("response_format", "json_schema", "json_object", "structured output", "grammar")
_FILTER_WORDS = ("content_filter", "content management policy", "moderation", "flagged")
_TOO_LONG_WORDS = ("context_length", "context length", "context size", "maximum context", "too many tokens", "too long")


def lower(rung: Rung) -> Rung:
    """The next rung down; the lowest stays."""
    return _LOWER.get(rung, rung)


def adjusted(abilities: Abilities, failed: Failed, *, json: bool) -> Abilities | None:
    """What to try next after a refusal; None if this refusal is about something else. Each change is made only once."""
    if failed.status not in _FORM or _about_the_mail(failed):
        return None
    about = failed.about
    if abilities.tokens_field == "max_tokens" and ("max_completion_tokens" in about or about.startswith("max_tokens ")):
        return replace(abilities, tokens_field="max_completion_tokens")
    if abilities.temperature and "temperature" in about:
        return replace(abilities, temperature=False)
    named = any(word in about for word in _FORMAT_WORDS)
    if json and abilities.rung is not Rung.TEXT and (named or failed.status in {400, 422}):
        return replace(abilities, rung=lower(abilities.rung))
    return None


def _about_the_mail(failed: Failed) -> bool:
    return any(word in failed.about for word in (*_FILTER_WORDS, *_TOO_LONG_WORDS))


def verdict(failed: Failed, model: str, *, answered_before: bool) -> FirmlyError:
    """The failure in our words. `answered_before`: this endpoint has taken such requests, so it is this mail."""
    return _of_this_mail(failed, model, answered_before=answered_before) or _of_the_endpoint(failed, model)


def _of_this_mail(failed: Failed, model: str, *, answered_before: bool) -> BadAnswer | None:
    if failed.status in {400, 403, 422} and any(word in failed.about for word in _FILTER_WORDS):
        return AnswerRefused("The model's content filter refused this mail.", fix="Read it yourself.")
    if failed.status == 413 or (failed.status in {400, 422} and _about_the_mail(failed)):
        return BadAnswer(
            f"This mail is too long for the model {model}.", fix="Read it yourself, or choose another model."
        )
    if failed.status in {400, 422} and answered_before:
        return BadAnswer(f"The model endpoint refused this mail (HTTP {failed.status}).", fix="Read it yourself.")
    return None


def _of_the_endpoint(failed: Failed, model: str) -> FirmlyError:
    if failed.status in {401, 403}:
        return CredentialsError(
            f"The model endpoint refused the key (HTTP {failed.status}).",
            fix="Check [llm] api_key and what it may use.",
        )
    if failed.status == 402 or failed.exhausted:
        return ModelUnavailable(
            "The model endpoint says that the account has no credit left.", fix="Add credit; the next run goes on."
        )
    if failed.temporary:
        kind = ModelUnavailable if failed.status == 429 else EndpointFailed
        return kind(
            f"The model endpoint gave no answer ({failed.outcome}).",
            fix="The next run tries again; firmly doctor looks into it.",
        )
    return ConfigError(
        f"The model endpoint does not take our requests for the model {model} ({failed.outcome}).",
        fix="Check [llm] base_url (many end in /v1), model and service_tier; firmly doctor looks into it.",
    )
