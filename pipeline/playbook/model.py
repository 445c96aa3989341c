"""The playbook: everything that other rooms ask about labels, plays and numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.domain.assessment import PaymentKind
from pipeline.domain.ids import Label
from pipeline.playbook.plays import FALLBACK, Play
from pipeline.playbook.settings import (
    ClaimRules,
    ClaimWords,
    Commitments,
    Hold,
    Ladder,
    PauseRules,
    Precedence,
    PrecedenceRules,
    PromiseRules,
    ReplyRules,
    TableWords,
)
from pipeline.playbook.taxonomy import Taxonomy
from pipeline.playbook.thresholds import NudgeRules, SignalRules, Verdicts

__all__ = ["Hold", "Playbook", "Precedence"]


@dataclass(frozen=True, slots=True)
class Playbook:
    """What to do about a label. All labels in it go by their present names."""

    taxonomy: Taxonomy
    plays: Mapping[str, Play]
    """Every play by its name."""
    holds: Mapping[str, Hold]
    """Kind of attention item to what raises it, in the order of the file."""
    precedence: PrecedenceRules
    behaviours: Mapping[Label, str]
    """Behaviour to the name of its play."""
    intents: Mapping[Label, str]
    """Intent to the name of its play."""
    payments: Mapping[PaymentKind, str]
    """What a mail says about paying to the name of its play."""
    events: Mapping[str, str]
    """`nudge`, `resume` and `exit` to the name of their play."""
    replies: ReplyRules
    commitments: Commitments
    ladder: Ladder
    promises: PromiseRules
    pauses: PauseRules
    claims: ClaimRules
    signals: SignalRules
    nudges: NudgeRules
    verdicts: Verdicts
    invoice_tables: Mapping[str, TableWords]
    """Language to the words over the columns of a table of invoices."""
    claim_tables: Mapping[str, ClaimWords]
    """Language to the words over the columns of a table of interest and fixed sums."""
    fingerprint: str
    """Changes with every text that this playbook was read from."""

    def play_for(self, label: Label) -> Play | None:
        """The play for a behaviour or an intent; None where a reply has no play."""
        name = self.behaviours.get(label) or self.intents.get(label)
        return self.plays[name] if name else None

    def table_words(self, language: str) -> TableWords:
        """The head of a table of invoices in a letter of that language; English where there is none for it."""
        return self.invoice_tables.get(language) or self.invoice_tables[FALLBACK]

    def claim_words(self, language: str) -> ClaimWords:
        """The head of a table of interest and fixed sums in that language; English where there is none for it."""
        return self.claim_tables.get(language) or self.claim_tables.get(FALLBACK) or ClaimWords()
