"""What each stage made of each mail. The output row of a step is its state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, bindparam, text

from pipeline.domain.ids import MailId
from pipeline.store.database import moment, utc
from pipeline.store.mails import COLUMNS, MailRow, mail_row


class StepState(StrEnum):
    """How a step ended."""

    DONE = "done"  # the next stage is due
    STOPPED = "stopped"  # done, and the road ends here
    RETRY = "retry"  # due again at `not_before`
    PARKED = "parked"  # a person looks; `firmly redo` tries again


@dataclass(frozen=True, slots=True)
class Step:
    """One step of one mail."""

    stage: str
    state: StepState
    output: str
    """JSON."""
    attempts: int
    fingerprint: str
    problem: str
    updated_at: datetime


def due(tx: Connection, stage: str, before: str | None, now: datetime, limit: int = 200) -> list[MailRow]:
    """Mails for which the stage `before` is done and this one has no row or a retryable one.

    Oldest first, those that failed before after all others: one that fails every time must not hold up the rest.
    """
    join = "JOIN steps p ON p.mail_id = m.id AND p.stage = :before AND p.state = 'done'" if before else ""
    rows = tx.execute(
        text(
            f"SELECT {COLUMNS} FROM mails m {join} LEFT JOIN steps s ON s.mail_id = m.id AND s.stage = :stage"
            " WHERE s.mail_id IS NULL OR (s.state = 'retry' AND s.not_before <= :now) ORDER BY s.mail_id IS NOT NULL, m.written_at, m.id LIMIT :limit",
        ),
        {"stage": stage, "before": before, "now": utc(now), "limit": limit},
    )
    return [mail_row(row) for row in rows]


def record(
    tx: Connection,
    mail_id: MailId,
    stage: str,
    state: StepState,
    *,
    now: datetime,
    output: str = "null",
    fingerprint: str = "",
    problem: str = "",
    not_before: datetime | None = None,
) -> None:
    """Write the output row of a step; counts the attempts."""
    tx.execute(
        text(
            "INSERT INTO steps (mail_id, stage, state, output, not_before, fingerprint, problem, updated_at)"
            " VALUES (:mail_id, :stage, :state, :output, :not_before, :fingerprint, :problem, :now)"
            " ON CONFLICT (mail_id, stage) DO UPDATE SET state = :state, output = :output, not_before = :not_before,"
            " fingerprint = :fingerprint, problem = :problem, updated_at = :now, attempts = attempts + 1",
        ),
        {
            "mail_id": mail_id,
            "stage": stage,
            "state": state.value,
            "output": output,
            "not_before": utc(not_before) if not_before else None,
            "fingerprint": fingerprint,
            "problem": problem,
            "now": utc(now),
        },
    )


def attempts(tx: Connection, mail_id: MailId, stage: str) -> int:
    """How often this step was tried."""
    query = text("SELECT attempts FROM steps WHERE mail_id = :id AND stage = :stage")
    return int(tx.execute(query, {"id": mail_id, "stage": stage}).scalar() or 0)


def output(tx: Connection, mail_id: MailId, stage: str) -> str | None:
    """The JSON that a finished step gave; None if it has not finished."""
    found = tx.execute(
        text("SELECT output FROM steps WHERE mail_id = :id AND stage = :stage AND state IN ('done', 'stopped')"),
        {"id": mail_id, "stage": stage},
    ).scalar()
    return None if found is None else str(found)


def outputs(tx: Connection, mail_ids: Sequence[MailId], stage: str) -> dict[MailId, str]:
    """The JSON that a stage gave for several mails; mails it has not finished are left out."""
    query = text(
        "SELECT mail_id, output FROM steps WHERE stage = :stage AND state IN ('done', 'stopped') AND mail_id IN :ids"
    )
    rows = tx.execute(query.bindparams(bindparam("ids", expanding=True)), {"stage": stage, "ids": list(mail_ids)})
    return {MailId(int(row.mail_id)): str(row.output) for row in rows}


def steps_of(tx: Connection, mail_id: MailId) -> list[Step]:
    """All steps of a mail, in the order in which they ended."""
    rows = tx.execute(
        text(
            "SELECT stage, state, output, attempts, fingerprint, problem, updated_at FROM steps WHERE mail_id = :id"
            " ORDER BY updated_at",
        ),
        {"id": mail_id},
    )
    return [
        Step(r.stage, StepState(r.state), r.output, r.attempts, r.fingerprint, r.problem, moment(r.updated_at))
        for r in rows
    ]


def forget(tx: Connection, mail_id: MailId, stages: Sequence[str]) -> int:
    """Make these stages due again for a mail."""
    query = text("DELETE FROM steps WHERE mail_id = :id AND stage IN :stages")
    return tx.execute(
        query.bindparams(bindparam("stages", expanding=True)),
        {"id": mail_id, "stages": list(stages)},
    ).rowcount


def counts(tx: Connection) -> dict[tuple[str, str], int]:
    """How many mails stand where: (stage, state) → number."""
    rows = tx.execute(text("SELECT stage, state, count(*) AS n FROM steps GROUP BY stage, state"))
    return {(row.stage, row.state): int(row.n) for row in rows}


def passed_screen(tx: Connection, mail_id: MailId) -> bool:
    """Whether a mail reached the judge: people's mail does, machines' mail does not."""
    query = text("SELECT state FROM steps WHERE mail_id = :id AND stage = 'screen'")
    return tx.execute(query, {"id": mail_id}).scalar() == StepState.DONE.value
