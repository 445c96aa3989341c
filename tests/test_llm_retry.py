"""Waiting: what servers ask for, and the breaker."""

import pytest

from pipeline.errors import BadAnswer, CredentialsError, FirmlyError, ModelUnavailable
from pipeline.llm.retry import Breaker, Failed, Rests, rest_s, retry_after_s


@pytest.mark.parametrize(
    ("value", "date", "seconds"),
    [
        ("7", None, 7.0),
        ("0", None, 0.0),
        ("Fri, 20 Nov 2026 10:00:30 GMT", "Fri, 20 Nov 2026 10:00:00 GMT", 30.0),
        ("Fri, 20 Nov 2026 09:00:00 GMT", "Fri, 20 Nov 2026 10:00:00 GMT", 0.0),
        ("Fri, 20 Nov 2026 10:00:30 GMT", None, None),
        ("soon", "Fri, 20 Nov 2026 10:00:00 GMT", None),
        ("-5", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_retry_after_is_read_in_both_forms(value: str | None, date: str | None, seconds: float | None) -> None:
    """A date read as nothing, or against a wrong local clock, makes the run knock too early."""
    assert retry_after_s(value, date) == seconds


@pytest.mark.parametrize(
    ("failed", "temporary", "worth_waiting"),
    [
        (Failed("timeout"), True, True),
        (Failed("x", status=500), True, True),
        (Failed("x", status=429, retry_after_s=60), True, True),
        (Failed("x", status=429, retry_after_s=61), True, False),
        (Failed("x", status=429, code="insufficient_quota"), True, False),
        (Failed("x", status=400), False, False),
        (Failed("x", status=401), False, False),
    ],
)
def test_only_what_may_pass_is_waited_for(failed: Failed, *, temporary: bool, worth_waiting: bool) -> None:
    """Waiting for a wrong key wastes every run; not waiting for a busy minute wastes every mail."""
    assert (failed.temporary, failed.worth_waiting) == (temporary, worth_waiting)


@pytest.mark.parametrize(
    ("failed", "error", "seconds"),
    [
        (Failed("x", status=401), CredentialsError("no"), 900),
        (Failed("x", status=402), ModelUnavailable("no"), 900),
        (Failed("x", status=429, code="insufficient_quota"), ModelUnavailable("no"), 900),
        (Failed("x", status=429, retry_after_s=300), ModelUnavailable("no"), 300),
        (Failed("x", status=503, retry_after_s=86_400), ModelUnavailable("no"), 3600),
        (Failed("x", status=429, retry_after_s=30), ModelUnavailable("no"), None),
        (Failed("x", status=503), ModelUnavailable("no"), None),
        (Failed("x", status=400), BadAnswer("no"), None),
    ],
)
def test_how_long_an_endpoint_is_left_alone(failed: Failed, error: FirmlyError, seconds: float | None) -> None:
    """A Retry-After of a day from a broken proxy must not stop a page that runs for weeks."""
    assert rest_s(failed, error) == seconds


def test_a_rest_ends_and_is_one_models_own() -> None:
    """A writer's model that the key may not use must not stop the judge's."""
    now = [0.0]
    rests = Rests(lambda: now[0])
    rests.begin("a", 60, ModelUnavailable("later", fix="wait"))
    rests.check("b")
    with pytest.raises(ModelUnavailable, match="later") as error:
        rests.check("a")
    assert error.value.fix == "wait"
    now[0] = 60.0
    rests.check("a")


def test_the_breaker_lets_one_through_after_its_rest() -> None:
    """A page that runs for days must find the endpoint again once it is back."""
    now = [0.0]
    breaker = Breaker(lambda: now[0], limit=2, rest_s=60)
    breaker.note(failed=True)
    assert not breaker.open
    breaker.note(failed=True)
    assert breaker.open
    now[0] = 61.0
    assert not breaker.open
    breaker.note(failed=True)
    assert breaker.open
    breaker.note(failed=False)
    assert not breaker.open
