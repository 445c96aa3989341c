"""A judge's answers beside the labels of the gold cases."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from time import perf_counter

from pipeline.classify.ports import Judge
from pipeline.domain.assessment import Assessment
from pipeline.domain.client import Context
from pipeline.domain.ids import Label
from pipeline.errors import BadAnswer, ModelUnavailable
from pipeline.evaluate.cases import GoldCase, as_message


@dataclass(frozen=True, slots=True)
class Consumption:
    """What an evaluation cost. A judge without an endpoint makes no calls."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: Decimal | None = None
    """None: unpriced, or nothing was called."""
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """One case with the answer to it; None where the judge gave none, and `failure` says why."""

    case: GoldCase
    answer: Assessment | None
    failure: str = ""

    @property
    def given(self) -> frozenset[Label]:
        """The behaviours that the judge is sure of; what it is unsure of counts as not given."""
        return frozenset(b.label for b in self.answer.behaviours if b.sure) if self.answer else frozenset()

    @property
    def unsure(self) -> frozenset[Label]:
        """The behaviours that a person would be asked about."""
        return frozenset(b.label for b in self.answer.behaviours if not b.sure) if self.answer else frozenset()


@dataclass(frozen=True, slots=True)
class Scorecard:
    """All cases with their answers, in the order of the cases."""

    judge: str
    fingerprint: str
    scored: tuple[Scored, ...]
    seconds: float
    model: str | None = None
    prompt: str | None = None
    """The hash of the prompt, where there is one."""
    consumption: Consumption = field(default_factory=Consumption)


def score_cases(
    cases: Sequence[GoldCase],
    judge: Judge,
    *,
    workers: int = 1,
    model: str | None = None,
    prompt: str | None = None,
    consumption: Callable[[], Consumption] = Consumption,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Scorecard:
    """Ask the judge about every case, `workers` at a time.

    A case that the judge cannot answer (`BadAnswer`, `ModelUnavailable`) counts as wrong and stands in the card.
    `consumption` is read once at the end; `progress` is told after each case how many of how many are done.
    """

    def score(case: GoldCase) -> Scored:
        try:
            return Scored(case, judge.judge(as_message(case), Context(client=None)))
        except (BadAnswer, ModelUnavailable) as error:
            return Scored(case, None, f"{type(error).__name__}: {error.message}")

    started = perf_counter()
    scored: list[Scored] = []
    with ThreadPoolExecutor(max_workers=workers) as pool:
        for one in pool.map(score, cases):
            scored.append(one)
            progress(len(scored), len(cases))
    return Scorecard(
        judge=judge.name,
        fingerprint=judge.fingerprint,
        scored=tuple(scored),
        seconds=perf_counter() - started,
        model=model,
        prompt=prompt,
        consumption=consumption(),
    )
