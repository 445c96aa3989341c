"""The guard as a detector, on letters and faults that nobody who tuned it had read.

A file of JSON lines holds clean letters, each with the facts of its brief, and mutations of them: one fault each, named
by its kind. Prints how many clean letters are blocked and how many mutations, with Wilson's 95 % intervals. A mutation
counts as blocked only for a finding that the clean letter does not have as well.

`guard_unseen_a.jsonl` and `_b` have been read by whoever tuned the guard since, and say only that nothing was lost.
`_c` is the fair one as long as nobody reads its letters or looks with `--show`: change the guard first, then compare two lines.

    python benchmarks/guard_unseen.py FILE [--show]
"""

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from math import sqrt
from pathlib import Path
from typing import Any

from guard_mutations import LABELS, OTHER_CLIENTS

from pipeline.domain.ids import UntrustedText
from pipeline.domain.ledger import Money
from pipeline.domain.proposal import Finding, GuardBrief, Severity
from pipeline.domain.strategy import Action, Commitment, Facts, InvoiceFact, Record, Strategy
from pipeline.guard import brief_for, inspect_draft

_Z = 1.96


@dataclass(frozen=True)
class Case:
    """A letter, its brief, and what is wrong with it."""

    id: str
    language: str
    play: str
    body: str
    brief: GuardBrief
    written: str
    """`whole`: by hand from greeting to name; `combined`: three passages of several written for the play."""
    mutation: str | None = None
    of: str | None = None


Rows = list[tuple[Case, list[Finding]]]


def facts_of(given: dict[str, Any], language: str) -> Facts:
    """The facts as the road would hand them to the writer."""
    invoices = tuple(
        InvoiceFact(
            i["number"],
            date.fromisoformat(i["issued"]),
            date.fromisoformat(i["due"]),
            Money(i["currency"], Decimal(i["total"])),
            Money(i["currency"], Decimal(i["open"])),
            i["days_overdue"],
            i["disputed"],
        )
        for i in given["invoices"]
    )
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for invoice in invoices:
        sums[invoice.open.currency] += invoice.open.amount
    rounds = given["rounds"] or (None, None)
    return Facts(
        greeting_name=given["greeting_name"],
        owner_name=given["owner_name"],
        language=language,
        client_name=given["client_name"],
        project=given["project"],
        invoices=invoices,
        totals=tuple(Money(currency, amount) for currency, amount in sums.items()),
        scope=tuple(given["scope"]),
        revision_rounds=rounds[0],
        rounds_left=rounds[1],
        working_hours=given["working_hours"],
        update_days=given["update_days"],
        commitments=tuple(Commitment(k, date.fromisoformat(d), "") for k, d in given["commitments"].items()),
        records=tuple(Record(what, date.fromisoformat(on)) for what, on in given["records"]),
        promised=tuple(date.fromisoformat(d) for d in given["promised"]),
        pause_allowed=given["pause_allowed"],
        late_fee=given["late_fee"],
        links=tuple(given["links"]),
    )


def brief_of(facts: Facts, play: str, client: str) -> GuardBrief:
    """The brief that the road would build for this play."""
    step = play.removeprefix("payment_").upper() if play.startswith("payment_l") else None
    origin = "chase:1" if step else f"{play}:1" if play in {"exit", "nudge"} else "reply:1:1"
    strategy = Strategy(Action.REPLY, (), origin, play, step=step, facts=facts)
    brief = brief_for(strategy, message=None, labels=LABELS, other_clients=OTHER_CLIENTS, legal_allowed=False)
    return replace(brief, client_text=UntrustedText(client))


def cases(lines: Iterable[str]) -> Iterator[Case]:
    """Every line; a mutation takes the brief of the letter that it changes, which stands before it."""
    known: dict[str, Case] = {}
    for line in lines:
        given = json.loads(line)
        if "mutation" in given:
            whole = known[given["of"]]
            yield replace(whole, id=given["id"], body=given["body"], mutation=given["mutation"], of=given["of"])
            continue
        facts = facts_of(given["facts"], given["language"])
        brief = brief_of(facts, given["play"], given["client"])
        known[given["id"]] = Case(given["id"], given["language"], given["play"], given["body"], brief, given["written"])
        yield known[given["id"]]


def blocking(case: Case) -> list[Finding]:
    """What blocks this letter."""
    return [f for f in inspect_draft(case.body, case.brief) if f.severity is Severity.BLOCK]


def interval(hits: int, tried: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    share, z2 = hits / tried, _Z**2
    middle = share + z2 / (2 * tried)
    spread = _Z * sqrt(share * (1 - share) / tried + z2 / (4 * tried**2))
    return max(0.0, (middle - spread) / (1 + z2 / tried)), min(1.0, (middle + spread) / (1 + z2 / tried))


def line(name: str, blocked: int, tried: int) -> str:
    """A share with its interval."""
    low, high = interval(blocked, tried)
    return f"{name:34} {blocked:4} of {tried:4} blocked  {blocked / tried:6.1%}  [{low:.1%}, {high:.1%}]"


def count(rows: Rows, key: str) -> dict[str, tuple[int, int]]:
    """By a field of the case: blocked and tried."""
    tried = Counter(getattr(case, key) for case, _ in rows)
    blocked = Counter(getattr(case, key) for case, found in rows if found)
    return {name: (blocked[name], tried[name]) for name in tried}


def judged(every: Iterable[Case]) -> tuple[Rows, Rows]:
    """Clean letters and mutations, each with what blocks it; a mutation without what its clean letter has as well."""
    clean: Rows = []
    changed: Rows = []
    before: dict[str, set[tuple[str, str]]] = {}
    for case in every:
        found = blocking(case)
        if case.mutation is None:
            before[case.id] = {(f.name, f.excerpt) for f in found}
            clean.append((case, found))
        else:
            changed.append((case, [f for f in found if (f.name, f.excerpt) not in before[case.of or ""]]))
    return clean, changed


def show(clean: Rows, changed: Rows) -> None:
    """Which rule blocked which clean letter, and what passed."""
    for case, found in clean:
        for finding in found:
            print(f"--- clean {case.id}: {finding.rule} {finding.name}: {finding.excerpt!r} ({finding.message})")
    for case, found in changed:
        if not found:
            print(f"--- passed {case.id} [{case.language}] {case.mutation}: {difference(case, clean)}")


def main() -> int:
    """Print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    arguments.add_argument("file", type=Path, help="JSON lines")
    arguments.add_argument("--show", action="store_true", help="which rule blocked which clean letter; what passed")
    options = arguments.parse_args()
    clean, changed = judged(cases(options.file.read_text(encoding="utf-8").splitlines()))
    for title, key in (("kind", "mutation"), ("language", "language")):
        print(f"mutations by {title}")
        for name, (blocked, tried) in sorted(count(changed, key).items(), key=lambda k: (k[1][0] / k[1][1], k[0])):
            print("  " + line(name, blocked, tried))
    for title, key in (("language", "language"), ("how they were written", "written")):
        print(f"clean letters by {title}")
        for name, (blocked, tried) in sorted(count(clean, key).items()):
            print("  " + line(name, blocked, tried))
    print("clean letters blocked by rule")
    for name, times in Counter(name for _, found in clean for name in {f.name for f in found}).most_common():
        print(f"  {name:34} {times:4}")
    print(line("mutations", sum(bool(f) for _, f in changed), len(changed)))
    print(line("clean letters", sum(bool(f) for _, f in clean), len(clean)))
    if options.show:
        show(clean, changed)
    return 0


def difference(case: Case, clean: Rows) -> str:
    """The lines of a mutation that its clean letter does not have."""
    whole = next(c.body for c, _ in clean if c.id == case.of).split("\n")
    return " / ".join(part for part in case.body.split("\n") if part not in whole) or "(lines left out)"


if __name__ == "__main__":
    sys.exit(main())
