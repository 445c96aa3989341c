"""`firmly explain` for what is no mail and no proposal: a verdict, a signal, a label."""

from collections.abc import Iterable
from dataclasses import asdict, is_dataclass
from typing import Any

import typer

from pipeline.cli.clientcards import evidence_json
from pipeline.cli.clientpapers import client_meant
from pipeline.cli.common import number_of, one_line, print_json, safe
from pipeline.cli.explaining import print_calls
from pipeline.domain.history import Evidence
from pipeline.domain.ids import MailId
from pipeline.errors import UsageError
from pipeline.playbook.titles import title_of
from pipeline.run.advising import spoken
from pipeline.run.desk import Desk
from pipeline.run.explaining import (
    LabelBecause,
    SignalBecause,
    VerdictBecause,
    call_json,
    explain_label,
    explain_signal,
    explain_verdict,
)


def explain_because(desk: Desk, named: str, *, as_json: bool) -> None:
    """Print why: `verdict:Harbour`, `signal:Harbour/unresponsive`, `m17/scope_creep`. Raises UsageError for other forms."""
    kind, colon, rest = named.partition(":")
    if kind == "verdict" and rest:
        _verdict(explain_verdict(desk, client_meant(desk, rest)), as_json=as_json)
    elif kind == "signal" and "/" in rest:
        client, _, name = rest.rpartition("/")
        _signal(explain_signal(desk, client_meant(desk, client), name), as_json=as_json)
    elif not colon or kind == "label":
        mail, _, name = (rest if colon else named).partition("/")
        _label(explain_label(desk, MailId(number_of(mail, "m")), name), as_json=as_json)
    else:
        raise UsageError(
            f"{named!r} is nothing that can be explained.",
            fix="Write p3, m17, m17/scope_creep, verdict:Mia or signal:Mia/unresponsive.",
        )


def _print_rows(rows: Iterable[Evidence]) -> None:
    for row in rows:
        when = f"{row.at:%Y-%m-%d}: " if row.at else ""
        typer.echo(f"    {when}{safe(row.detail)}{f' {safe(row.message_id)}' if row.message_id else ''}")


def _toml(value: object) -> str:
    """A setting as playbook.toml has it, near enough to be found there."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(part)}" for key, part in value.items()) + " }"
    return str(value).replace("'", '"')


def _plain(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return list(value) if isinstance(value, tuple) else value


def _verdict(found: VerdictBecause, *, as_json: bool) -> None:
    known = found.known
    verdict, strict = known.verdict, known.strict
    if as_json:
        print_json(
            "explain.verdict",
            {
                "client": known.client.id,
                "name": known.client.name,
                "advice": verdict.advice,
                "kind": verdict.kind,
                "profile": found.profile,
                "strict": {"advice": strict.advice, "kind": strict.kind},
                "window_days": found.window_days,
                "half_life_days": found.half_life_days,
                "confirmed_in_window": dict(found.counted),
                "reasons": [
                    {
                        "advice": reason.advice,
                        "kind": reason.kind,
                        "sentence": reason.sentence,
                        "setting": path,
                        "threshold": _plain(value),
                        "evidence": evidence_json(reason.evidence),
                    }
                    for reason, path, value in found.thresholds
                ],
                "before": [
                    {"at": p.at.isoformat(), "advice": p.advice, "kind": p.kind, "reasons": list(p.reasons)}
                    for p in found.past
                ],
                "calls": [],
            },
        )
        return
    typer.echo(f"{safe(known.client.name)}: {spoken(verdict.advice, verdict.kind)}. It is advice; a person decides.")
    typer.echo(f"  profile {found.profile} of playbook.toml; no model was asked, it cost nothing")
    if (strict.advice, strict.kind) != (verdict.advice, verdict.kind):
        typer.echo(f"  the profile strict would say {spoken(strict.advice, strict.kind)}")
    counts = ", ".join(f"{title_of(label)} {number}" for label, number in found.counted.items()) or "none"
    typer.echo(f"  confirmed in the last {found.window_days} days: {counts}")
    for reason, path, value in found.thresholds:
        typer.echo(f"  {spoken(reason.advice, reason.kind)}: {safe(reason.sentence)}")
        typer.echo(f"    {path} = {_toml(_plain(value))}")
        _print_rows(reason.evidence)
    if not found.thresholds:
        typer.echo("  no trigger applies")
    for past in found.past:
        typer.echo(f"  since {past.at:%Y-%m-%d}: {spoken(past.advice, past.kind)}")


def _signal(found: SignalBecause, *, as_json: bool) -> None:
    signal, known = found.found, found.known
    if as_json:
        print_json(
            "explain.signal",
            {
                "client": known.client.id,
                "name": known.client.name,
                "signal": found.name,
                "fires": signal is not None,
                "rule": found.rule,
                "thresholds": {path: _plain(value) for path, value in found.thresholds.items()},
                "since": signal.since.isoformat() if signal else None,
                "sentence": signal.sentence if signal else None,
                "evidence": evidence_json(signal.evidence) if signal else [],
                "calls": [],
            },
        )
        return
    state = f"since {signal.since}" if signal else "is not there"
    typer.echo(f"{safe(known.client.name)}: {title_of(found.name)} {state}.")
    if signal is not None:
        typer.echo(f"  {safe(signal.sentence)}")
    typer.echo(f"  rule: {found.rule}")
    for path, value in found.thresholds.items():
        typer.echo(f"    {path} = {_toml(_plain(value))}")
    typer.echo("  from dates, threads and the ledger alone; no model was asked, it cost nothing")
    _print_rows(signal.evidence if signal else ())


def _label(found: LabelBecause, *, as_json: bool) -> None:
    rule, given, decided = found.rule, found.given, found.decided
    if as_json:
        print_json(
            "explain.label",
            {
                "mail": found.row.id,
                "message_id": found.row.message_id,
                "label": rule.name,
                "rule": {
                    "definition": rule.definition,
                    "include": list(rule.include),
                    "exclude": list(rule.exclude),
                    "severity": rule.severity,
                    "basis": [str(basis) for basis in rule.basis],
                },
                "judge": found.judge,
                "given": {
                    "confidence": given.confidence,
                    "sure": given.sure,
                    "quote": given.quote,
                    "source": given.source,
                }
                if given
                else None,
                "thresholds": {"unsure": found.bounds[0], "sure": found.bounds[1]} if found.bounds else None,
                "decided": {"confirmed": decided.confirmed, "by": decided.actor, "at": decided.at.isoformat()}
                if decided
                else None,
                "never": [{"id": c.id, "words": c.words, "by": c.actor} for c in found.never],
                "calls": [call_json(call) for call in found.calls],
            },
        )
        return
    typer.echo(f"Mail m{found.row.id} ({safe(found.row.message_id)}), {title_of(rule.name)}")
    typer.echo(f"  rule: {rule.definition} (taxonomy.toml)")
    for sign, words in (("is", rule.include), ("is not", rule.exclude)):
        if words:
            typer.echo(f"    what just {sign}: {'; '.join(words)}")
    if rule.severity is not None:
        typer.echo(f"    severity {rule.severity} of 5, shown by {', '.join(str(basis) for basis in rule.basis)}")
    if given is not None:
        where = f", in {safe(given.source)}" if given.source else ""
        typer.echo(f"  {found.judge}: {given.confidence} of 10{'' if given.sure else ', unsure'}{where}")
        typer.echo(f"    “{one_line(given.quote, 300)}”")
    else:
        typer.echo(f"  {found.judge or 'nobody judged it'}: not given")
    if found.bounds is not None:
        typer.echo(f"    asked about from {found.bounds[0]:g} of 10, sure from {found.bounds[1]:g}")
    if decided is not None:
        said = "confirmed" if decided.confirmed else "struck"
        typer.echo(f"  {said} by {safe(decided.actor)} on {decided.at:%Y-%m-%d}")
    else:
        typer.echo("  nobody has confirmed it: it moves no verdict")
    for correction in found.never:
        typer.echo(
            f"  rule {correction.id} for this client: never {title_of(correction.label)} ({safe(correction.words)})"
        )
    print_calls(found.calls)
