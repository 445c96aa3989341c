"""The files of a history directory. Optional ones may be missing, keys that nobody knows are named and left out."""

import copy
import json
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from pipeline.config.clientfile import ClientFile
from pipeline.config.models import Owner
from pipeline.domain.ladder import ChaseLog, Step
from pipeline.errors import InputError
from pipeline.mail.headers import arrival_of, header_of, message_id_of

Model = TypeVar("Model", bound=BaseModel)
_NOON = time(12)
_MORNING = time(9)


@dataclass(frozen=True, slots=True)
class Labels:
    """What a person confirmed of one mail."""

    tone: str | None = None
    behaviours: tuple[str, ...] = ()
    intents: tuple[str, ...] = ()
    quotes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OldDraft:
    """A draft that was there before: what becomes of it is asked."""

    id: str | int
    """As the file has it."""
    kind: str
    step: str | None
    invoices: tuple[str, ...]
    status: str
    in_reply_to: str | None
    body: str


@dataclass(frozen=True, slots=True)
class MailFile:
    """One mail of the directory."""

    path: Path
    message_id: str
    arrived_at: datetime | None


@dataclass(frozen=True, slots=True)
class HistoryDirectory:
    """Everything that a history directory says."""

    path: Path
    owner: Owner
    clients: tuple[ClientFile, ...]
    inbox: tuple[MailFile, ...]
    sent: tuple[MailFile, ...] | None
    """None where there is no such directory."""
    now: datetime
    invoices: bytes | None = None
    labels: Mapping[str, Labels] = field(default_factory=dict)
    """By Message-ID, with its angle brackets."""
    ledger_as_of: datetime | None = None
    ladder_log: tuple[ChaseLog, ...] = ()
    drafts: tuple[OldDraft, ...] = ()
    warnings: tuple[str, ...] = ()


def read_directory(path: Path, now: datetime | None = None) -> HistoryDirectory:
    """Read a history directory. Raises InputError that names the file and what is wrong with it."""
    if not path.is_dir():
        raise InputError(f"There is no directory {path}.")
    warnings: list[str] = []
    owner = _owner(path, warnings)
    zone = ZoneInfo(owner.timezone)
    inbox, sent = _mails(path, "inbox") or (), _mails(path, "sent")
    state = _json(path / "state.json")
    moment = now or _now(path, (*inbox, *(sent or ())), zone)
    names = {m.path.name: m.message_id for m in inbox} | {m.path.stem: m.message_id for m in inbox}
    as_of = state.get("ledger_as_of")
    ledger = path / "invoices.csv"
    return HistoryDirectory(
        path=path,
        owner=owner,
        clients=_clients(path, warnings),
        inbox=_until(inbox, now),
        sent=None if sent is None else _until(sent, now),
        now=moment,
        invoices=ledger.read_bytes() if ledger.is_file() else None,
        labels={names.get(key, _bracketed(key)): _labels(value) for key, value in _label_table(path).items()},
        ledger_as_of=_moment(as_of, zone, _MORNING, "state.json: ledger_as_of") if as_of else None,
        ladder_log=tuple(_chase(entry, zone) for entry in state.get("ladder_log") or ()),
        drafts=tuple(_draft(i, entry) for i, entry in enumerate(state.get("drafts") or (), 1)),
        warnings=tuple(warnings),
    )


def _owner(path: Path, warnings: list[str]) -> Owner:
    data = _toml(path / "owner.toml")
    return _tolerant(Owner, data.get("owner", data), "owner.toml", warnings)


def _clients(path: Path, warnings: list[str]) -> tuple[ClientFile, ...]:
    files = []
    for file in sorted((path / "clients").glob("*.toml")):
        data = _toml(file)
        data = data.get("client", data) if isinstance(data.get("client"), dict) else data
        files.append(_tolerant(ClientFile, {"name": file.stem, **data}, file.name, warnings))
    return _unshared(files, warnings)


def _unshared(files: Sequence[ClientFile], warnings: list[str]) -> tuple[ClientFile, ...]:
    """A domain that two clients share tells of neither: their people are known by their addresses alone."""
    domains = Counter(domain.lower().lstrip("@") for file in files for domain in set(file.domains))
    shared = {domain for domain, count in domains.items() if count > 1}
    warnings += [
        f"{domain} is the domain of several clients; only addresses tell them apart." for domain in sorted(shared)
    ]
    return tuple(
        file.model_copy(update={"domains": tuple(d for d in file.domains if d.lower().lstrip("@") not in shared)})
        for file in files
    )


def _tolerant(model: type[Model], data: Mapping[str, Any], name: str, warnings: list[str]) -> Model:
    """The model without the keys that it does not know, each of them named. Raises InputError for anything else."""
    data = copy.deepcopy(dict(data))
    while True:
        try:
            return model.model_validate(data)
        except ValidationError as error:
            found = error.errors(include_input=False, include_context=False, include_url=False)
            unknown = [e["loc"] for e in found if e["type"] == "extra_forbidden"]
            if not unknown:
                said = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in found)
                raise InputError(f"{name} has mistakes: {said}.") from None
        for location in unknown:
            here: Any = data
            for step in location[:-1]:
                here = here[step]
            del here[location[-1]]
            warnings.append(f"{name}: {'.'.join(map(str, location))} is not a setting and was left out.")


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig").replace("\r\n", "\n"), parse_float=Decimal)
    except FileNotFoundError:
        raise InputError(
            f"{path.parent} has no {path.name}.", fix="A history directory names its owner there."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not valid TOML: {error}.") from None


def _json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise InputError(f"{path} is not valid JSON: {error}.") from None
    if not isinstance(found, dict):
        raise InputError(f"{path} is no JSON object.")
    return found


def _mails(path: Path, name: str) -> tuple[MailFile, ...] | None:
    folder = next((d for d in sorted(path.iterdir()) if d.is_dir() and d.name.lower() == name), None)
    if folder is None:
        return None
    found = []
    for file in sorted(folder.iterdir()):
        if file.suffix.lower() == ".eml" and file.is_file():
            header = header_of(file.read_bytes())
            found.append(MailFile(file, message_id_of(header), arrival_of(header)))
    return tuple(found)


def _until(mails: tuple[MailFile, ...], now: datetime | None) -> tuple[MailFile, ...]:
    """With a moment of one's own: the mails that had come by then."""
    return mails if now is None else tuple(m for m in mails if m.arrived_at is None or m.arrived_at <= now)


def _now(path: Path, mails: Sequence[MailFile], zone: ZoneInfo) -> datetime:
    file = path / "now.txt"
    if file.is_file():
        return _moment(file.read_text(encoding="utf-8-sig").strip(), zone, _MORNING, "now.txt")
    known = [mail.arrived_at for mail in mails if mail.arrived_at is not None]
    if not known:
        raise InputError(f"{path} has no now.txt and no dated mail.", fix="Say with --now when this is.")
    return max(known)


def _moment(value: object, zone: ZoneInfo, day_hour: time, what: str) -> datetime:
    """A moment as people write it; without an offset it is on the owner's clock, a mere day is at `day_hour`."""
    text = str(value).strip()
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"{what}: {text!r} is no time.", fix="Write it as 2026-11-17T08:30:00+01:00.") from None
    if len(text) == len("2026-11-17"):
        found = datetime.combine(found.date(), day_hour)
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _bracketed(message_id: str) -> str:
    return f"<{message_id.strip().strip('<>').strip()}>"


def _label_table(path: Path) -> dict[str, Any]:
    found = _json(path / "labels.json")
    inner = found.get("labels")
    return inner if isinstance(inner, dict) and not {"tone", "behaviours", "intent"} & inner.keys() else found


def _labels(value: object) -> Labels:
    if not isinstance(value, dict):
        return Labels(behaviours=_names(value))
    given = value.get("behaviours", value.get("behaviors"))
    return Labels(
        tone=str(value["tone"]) if value.get("tone") else None,
        behaviours=_names(given),
        intents=_names(value.get("intent", value.get("intents"))),
        quotes={
            _name(one): str(one["quote"])
            for one in (given if isinstance(given, list) else ())
            if isinstance(one, dict) and one.get("quote")
        },
    )


def _names(value: object) -> tuple[str, ...]:
    """One label or several, as words or as objects."""
    if value is None or value == "":
        return ()
    several = value if isinstance(value, list | tuple) else (value,)
    return tuple(dict.fromkeys(name for one in several if (name := _name(one)) not in {"", "none"}))


def _name(value: object) -> str:
    if isinstance(value, dict):
        value = value.get("label") or value.get("name") or ""
    return str(value).strip()


def _chase(entry: Mapping[str, Any], zone: ZoneInfo) -> ChaseLog:
    word = str(entry.get("step", ""))
    try:
        step = Step(word.lower() if word.lower() == Step.RESUME else word.upper())
    except ValueError:
        raise InputError(f"state.json: ladder_log has a step {word!r}.", fix="Its steps are L0 to L5.") from None
    return ChaseLog(
        step=step,
        invoices=_names(entry.get("invoices")),
        sent_at=_moment(entry.get("sent_at"), zone, _NOON, "state.json: ladder_log"),
        message_id=_bracketed(entry["message_id"]) if entry.get("message_id") else None,
    )


def _draft(number: int, entry: Mapping[str, Any]) -> OldDraft:
    return OldDraft(
        id=entry.get("id", number),
        kind=str(entry.get("kind") or "").lower(),
        step=str(entry["step"]).upper() if entry.get("step") else None,
        invoices=_names(entry.get("invoices")),
        status=str(entry.get("status") or "pending").lower(),
        in_reply_to=_bracketed(entry["in_reply_to"]) if entry.get("in_reply_to") else None,
        body=str(entry.get("body") or ""),
    )
