"""Whether a wrong figure can reach the queue: drafts from the templates, from a model that gets everything wrong, from a weak one.

    python benchmarks/wrong_numbers.py [--templates 200] [--worst 250] [--weak 0] [--show]

Ledgers, clients, mails and languages are invented; judging is scripted; deciding, writing, guarding and falling back are the
road's own. Each body in the queue is then read by an oracle that shares no code with the guard: a figure, day, share, account
or word for money that the facts do not hold is wrong. `--weak` asks SmolLM2-135M on llama.cpp in this process.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent.parent / "tests"), str(Path(__file__).parent.parent)]

from openai import OpenAI  # noqa: E402
from servers.llama import KEY, LlamaServer  # noqa: E402 the path is set above: this script borrows the tests' servers
from support.figures import (  # noqa: E402
    WorstModel,
    completion,
    filled_world,
    lost,
    proposals_of,
    unmarked_and_wrong,
    writing,
    wrong_figures,
)
from support.world import World  # noqa: E402

from pipeline.domain.proposal import Author, Proposal  # noqa: E402
from pipeline.domain.strategy import Facts  # noqa: E402
from pipeline.llm import Completion, Request  # noqa: E402

CLIENTS_A_WORLD = 60
FEW = 6
SHORT = 160
"""Tokens of a weak model's answer: enough for a letter, and it has little to say."""


@dataclass
class Tally:
    """What is counted for one kind of writer."""

    writer: str
    drafts: int = 0
    answers: int = 0
    """Letters that the writer gave: for a draft one, or two if the guard refused the first."""
    wrong: int = 0
    """Answers that are wrong: all of a writer that means to, else those that the oracle finds wrong."""
    passed: Counter[str] = field(default_factory=Counter)
    """Wrong answers that are in the queue, by what is wrong with them."""
    tried: Counter[str] = field(default_factory=Counter)
    seen: int = 0
    """Answers that the oracle finds wrong."""
    own_words: int = 0
    """Drafts in the queue as the writer worded them."""
    in_queue: list[tuple[Proposal, list[str]]] = field(default_factory=list)
    """Wrong and unmarked, by the oracle or because the writer meant to."""
    lost: list[Proposal] = field(default_factory=list)

    def row(self) -> str:
        """One line of the table."""
        caught = self.wrong - self.passed.total()
        return (
            f"{self.writer:16} {self.drafts:6} {self.answers:8} {self.wrong:6} {caught:7} {self.seen:7}"
            f" {self.own_words:10} {len(self.in_queue):16} {len(self.lost):11}"
        )

    def count(self, found: Sequence[Proposal]) -> None:
        """What waits in the queue."""
        self.drafts += len(found)
        self.own_words += sum(p.draft.author is Author.MODEL for p in found)
        self.in_queue += unmarked_and_wrong(found)
        self.lost += lost(found)

    def hear(self, bodies: Sequence[tuple[Facts, str]]) -> None:
        """What the writer answered."""
        self.answers += len(bodies)
        self.seen += sum(bool(wrong_figures(body, facts)) for facts, body in bodies)


def worlds(seed: int, most: int) -> Iterator[World]:
    """World after world; whoever takes them stops when they have enough drafts."""
    while True:
        with tempfile.TemporaryDirectory() as place:
            yield filled_world(Path(place), seed, min(CLIENTS_A_WORLD, most))
        seed += 1


def from_templates(most: int) -> Tally:
    """The plain letters of the plays."""
    tally = Tally("templates")
    for world in worlds(100, most):
        tally.count(proposals_of(world))
        if tally.drafts >= most:
            return tally
    raise AssertionError("worlds do not end")


def from_worst(most: int) -> Tally:
    """A model whose every answer is wrong about money, and knows it."""
    tally = Tally("scripted worst")
    model = WorstModel(1)
    for bare in worlds(500, most):
        world, heard = writing(bare, model)
        found = proposals_of(world)
        tally.count(found)
        tally.hear(heard.bodies)
        known = {body.strip(): kind for body, kind in model.answers.items()}
        for proposal in found:
            if proposal.draft.author is Author.MODEL and not proposal.draft.blocked:
                kind = known.get(proposal.draft.body.strip(), "reworded")
                tally.passed[kind] += 1
                if all(p is not proposal for p, _ in tally.in_queue):
                    tally.in_queue.append((proposal, [kind]))
        if tally.drafts >= most:
            tally.wrong = tally.answers
            tally.tried.update(model.answers.values())
            return tally
    raise AssertionError("worlds do not end")


@dataclass
class Babbler:
    """The weak model, asked once and taken at its word, cut off or not: a second try with more room makes it no better."""

    base_url: str
    name: str = "smollm2-135m"

    def complete(self, request: Request) -> Completion:
        """Whatever it says in `SHORT` tokens."""
        messages = [{"role": "system", "content": request.static}, {"role": "user", "content": request.mail}]
        client = OpenAI(base_url=self.base_url, api_key=KEY, timeout=600, max_retries=0)
        answer = client.chat.completions.create(
            model=self.name,
            messages=messages,  # type: ignore[arg-type]
            max_tokens=SHORT,
            temperature=0.4,
            seed=7,
        )
        return completion(answer.choices[0].message.content or "")


def from_weak(most: int) -> Tally:
    """A real model that is far too weak."""
    tally = Tally("weak local model")
    with LlamaServer(8192) as server:
        for bare in worlds(900, FEW):
            world, heard = writing(bare, Babbler(server.base_url))
            found = proposals_of(world)
            tally.count(found)
            tally.hear(heard.bodies)
            tally.wrong = tally.seen
            queued = unmarked_and_wrong([p for p in found if p.draft.author is Author.MODEL])
            tally.passed["seen by the oracle"] += len(queued)
            print(tally.row(), file=sys.stderr, flush=True)
            if tally.drafts >= most:
                return tally
    raise AssertionError("worlds do not end")


def main() -> int:
    """Print the table; exit 1 if something wrong waits in the queue unmarked."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--templates", type=int, default=200)
    parser.add_argument("--worst", type=int, default=250)
    parser.add_argument("--weak", type=int, default=0)
    parser.add_argument("--show", action="store_true", help="what reached the queue, and which plain letters were lost")
    given = parser.parse_args()
    tallies = [from_templates(given.templates), from_worst(given.worst)]
    if given.weak:
        tallies.append(from_weak(given.weak))
    print("writer           drafts  answers  wrong  caught  oracle  own words  wrong, unmarked  plain lost")
    for tally in tallies:
        print(tally.row())
    for tally in tallies:
        for kind, times in tally.passed.most_common():
            print(f"  passed: {kind:30} {times:3} of {tally.tried[kind]} answers")
    if given.show:
        for tally in tallies:
            show(tally)
    return int(any(tally.in_queue for tally in tallies))


def show(tally: Tally) -> None:
    """The bodies."""
    for proposal, wrong in tally.in_queue:
        print(f"--- in the queue [{tally.writer}, {proposal.strategy.play}, {proposal.draft.language}] {wrong}")
        print(proposal.draft.body)
    for proposal in tally.lost:
        reasons = [f"{f.name}: {f.excerpt}" for f in proposal.draft.findings]
        print(f"--- lost [{tally.writer}, {proposal.strategy.play}, {proposal.draft.language}] {reasons}")


if __name__ == "__main__":
    sys.exit(main())
