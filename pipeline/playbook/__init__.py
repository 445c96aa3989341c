"""The taxonomy and the plays, read from `prompts/*.toml` and `prompts/plays/*.md`, validated, frozen.

`load_playbook` takes texts, not paths, and tells all problems at once. What it gives is data: `decide`, `verdict`,
`signals`, the ladder, the judges and the writers ask it, and none of them knows a label by name.
"""

from pipeline.playbook.load import load_playbook
from pipeline.playbook.model import Hold, Playbook, Precedence
from pipeline.playbook.plays import Kind, Play, template_language
from pipeline.playbook.settings import (
    Commitments,
    Ladder,
    PromiseRules,
    Step,
    StepTiming,
    TableWords,
)
from pipeline.playbook.taxonomy import Basis, LabelRule, Taxonomy
from pipeline.playbook.thresholds import SignalRules, VerdictRules
from pipeline.playbook.vocabulary import FILTERS, VARIABLES, template_values

__all__ = [
    "FILTERS",
    "VARIABLES",
    "Basis",
    "Commitments",
    "Hold",
    "Kind",
    "LabelRule",
    "Ladder",
    "Play",
    "Playbook",
    "Precedence",
    "PromiseRules",
    "SignalRules",
    "Step",
    "StepTiming",
    "TableWords",
    "Taxonomy",
    "VerdictRules",
    "load_playbook",
    "template_language",
    "template_values",
]
