"""The labelled mails of `training/corpus/` as features."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.classify.embedded.features import Encodes, Features, read_mail
from pipeline.domain.ids import Label
from pipeline.evaluate.cases import as_message, load_cases

CORPUS = Path(__file__).parent / "corpus"


@dataclass(frozen=True, slots=True)
class Mail:
    """One labelled mail. `hand` is the first word of its file's name: one author, or one author in one family of languages."""

    id: str
    hand: str
    language: str
    behaviours: frozenset[Label]
    tone: str
    intent: str
    features: Features


def load_corpus(encoder: Encodes, directory: Path = CORPUS) -> list[Mail]:
    """All mails, by file name and line."""
    mails: list[Mail] = []
    for path in sorted(directory.glob("*.jsonl")):
        for case in load_cases(path):
            message = as_message(case)
            _, _, features = read_mail(message.subject, message.newest, message.quoted, encoder)
            mails.append(
                Mail(
                    id=case.id,
                    hand=path.stem.split("-", maxsplit=1)[0],
                    language=case.language,
                    behaviours=case.behaviours,
                    tone=case.tone,
                    intent=case.intent or "other",
                    features=features,
                )
            )
    return mails
