"""What every table of a playbook file shares: how it is checked, and the kinds of names and numbers in it."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo

from pipeline.domain.ids import Label
from pipeline.playbook.vocabulary import unknown


class Settings:
    """What all tables share: no unknown keys, and no value repeated in an error."""

    __slots__ = ()
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", hide_input_in_errors=True)


def _resolved(kinds: tuple[str, ...]) -> AfterValidator:
    """Take a label of these kinds by its present or its old name, and give its present name."""

    def resolve(name: str, info: ValidationInfo) -> str:
        taxonomy = (info.context or {}).get("taxonomy")
        if taxonomy is None:  # the taxonomy itself is broken; its problems are told instead
            return name
        for kind in kinds:
            current = taxonomy.current(name, kind)
            if current is not None:
                return str(current)
        known = [rule.name for kind in kinds for rule in taxonomy.rules(kind)]
        raise ValueError(unknown(name, known, f"no {' or '.join(kinds)} of taxonomy.toml"))

    return AfterValidator(resolve)


def _play_exists(name: str, info: ValidationInfo) -> str:
    plays = (info.context or {}).get("plays", ())
    if name not in plays:
        raise ValueError(unknown(name, plays, f"no play, there is no file plays/{name}.md"))
    return name


Behaviour = Annotated[Label, _resolved(("behaviour",))]
Intent = Annotated[Label, _resolved(("intent",))]
AnyLabel = Annotated[Label, _resolved(("behaviour", "intent"))]
PlayName = Annotated[str, AfterValidator(_play_exists)]
Count = Annotated[int, Field(strict=True, ge=1)]
Days = Annotated[int, Field(strict=True, ge=0)]
StepName = Annotated[str, Field(pattern=r"^L[0-9]$")]
