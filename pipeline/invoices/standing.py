"""Where one open invoice stands on its ladder: the next step, its day, and what keeps it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from pipeline.domain.ladder import ClientLedger, LadderSettings, PauseReason, Profile, Rung, Step
from pipeline.domain.ledger import Invoice, Promise, PromiseStatus
from pipeline.errors import ConfigError
from pipeline.invoices.pauses import active_pauses, block_of
from pipeline.invoices.promises import check_day, covers, settle_promises
from pipeline.workdays import WorkCalendar

ORDER = (Step.L0, Step.L1, Step.L2, Step.L3, Step.L4, Step.L5)


@dataclass(frozen=True, slots=True)
class Standing:
    """One open invoice on one day."""

    invoice: Invoice
    step: Step | None = None
    """The next step, due or not; None where the ladder has no further one."""
    due_on: date | None = None
    """The workday on which that step may be sent."""
    delayed: PauseReason | None = None
    """What moved the step past its own day."""
    blocked: PauseReason | None = None
    until: date | None = None
    why: str = ""
    """Whose word keeps it, where it is a person's."""

    def is_due(self, today: date) -> bool:
        """Whether the step is to be proposed today."""
        return self.blocked is None and self.due_on is not None and self.due_on <= today

    def sentence(self, today: date) -> str:
        """Why this invoice is in the letter, or not; for the owner."""
        number, late = self.invoice.number, self.invoice.days_overdue(today)
        age = f"{late} days overdue" if late > 0 else f"due on {self.invoice.due}"
        if self.blocked is not None:
            end = f" until {self.until}" if self.until else ""
            return f"Invoice {number}, {age}: {self.why or f'paused by {self.blocked}'}{end}."
        if self.step is None or self.due_on is None:
            return f"Invoice {number}, {age}: its ladder has no further step."
        if self.due_on > today:
            why = f" ({self.delayed})" if self.delayed else ""
            return f"Invoice {number}, {age}: {self.step} comes on {self.due_on}{why}."
        return f"Invoice {number}, {age}: {self.step} is due."


def standings(
    ledger: ClientLedger,
    settings: LadderSettings,
    calendar: WorkCalendar,
    now: datetime,
) -> list[Standing]:
    """Every open invoice of the client, oldest due date first. Raises `ConfigError` for an unknown profile."""
    climber = _Climber(ledger, settings, calendar, calendar.today(now))
    promises = settle_promises(
        ledger.promises,
        ledger.invoices,
        climber.today,
        calendar,
        payments=ledger.payments,
        check_after=settings.check_after_workdays,
    )
    running = [
        (promise, check_day(promise, calendar, settings.check_after_workdays))
        for promise in promises
        if promise.status is PromiseStatus.OPEN
    ]
    active = active_pauses(ledger.pauses, settings, calendar, now)
    found = []
    for invoice in sorted(ledger.invoices, key=lambda i: (i.due, i.number)):
        if invoice.open.amount <= 0:
            continue
        standing = climber.standing(invoice, promises)
        if block := block_of(invoice, ledger, active, running, climber.today):
            standing = replace(standing, blocked=block.reason, until=block.until, why=block.why)
        found.append(standing)
    return found


@dataclass(frozen=True, slots=True)
class _Climber:
    """The rules of the next step, for one client on one day."""

    ledger: ClientLedger
    settings: LadderSettings
    calendar: WorkCalendar
    today: date

    def standing(self, invoice: Invoice, promises: Sequence[Promise]) -> Standing:
        """The lowest step that is still ahead; no step is skipped because its day is long gone."""
        taken = self._taken(invoice)
        reached = max((ORDER.index(step) for step in taken), default=-1)
        ahead = [r for r in self._profile(invoice).rungs if ORDER.index(r.step) > reached]
        broken = [p for p in promises if p.status is PromiseStatus.BROKEN and covers(p, invoice)]
        if len(broken) >= self.settings.broken_promises and Step.L1 in taken:
            stop = next((r for r in ahead if r.pauses_work), None)
            if stop:
                return self._after_broken_promises(invoice, stop.step)
        left_out: date | None = None
        for rung in ahead:
            day = self._own_day(rung, invoice, taken)
            if left_out is not None:  # who cannot be stopped is still given the time that the stop would have given
                day = max(day, left_out + timedelta(days=self.settings.spacing_days))
            if rung.opt_in and not self._notice_fits(invoice, rung.step, day):
                continue
            if rung.pauses_work and not self.ledger.client.pause_allowed:
                left_out = day
                continue
            standing = self._placed(Standing(invoice, rung.step), day)
            if standing.delayed is None and left_out is not None and left_out <= self.today:
                return replace(standing, delayed=PauseReason.PAUSE_NOT_ALLOWED)
            return standing
        return Standing(invoice, delayed=None if left_out is None else PauseReason.PAUSE_NOT_ALLOWED)

    def _after_broken_promises(self, invoice: Invoice, stop: Step) -> Standing:
        """Promises broken twice: work stops without waiting for the step's day, or a person takes over."""
        if not self.ledger.client.pause_allowed:
            return Standing(invoice, blocked=PauseReason.HUMAN)
        return self._placed(Standing(invoice, stop), self.today)

    def _taken(self, invoice: Invoice) -> dict[Step, date]:
        """The steps that this invoice has had, with the day of the first letter of each."""
        taken: dict[Step, date] = {}
        for entry in self.ledger.log:
            if invoice.number in entry.invoices and entry.step in ORDER:
                day = self.calendar.today(entry.sent_at)
                taken[entry.step] = min(day, taken.get(entry.step, day))
        return taken

    def _profile(self, invoice: Invoice) -> Profile:
        override = next((o.profile for o in self.ledger.overrides if o.number == invoice.number), None)
        name = override or self.ledger.client.ladder_profile or self.settings.profile
        for profile in self.settings.profiles:
            if profile.name == name:
                return profile
        names = ", ".join(p.name for p in self.settings.profiles)
        raise ConfigError(f"There is no ladder profile {name!r}.", fix=f"Use one of: {names}.")

    def _own_day(self, rung: Rung, invoice: Invoice, taken: dict[Step, date]) -> date:
        """The step's day by its anchor alone."""
        anchor = invoice.due
        if rung.after is not None:
            anchor = taken.get(rung.after, max(taken.values(), default=invoice.due))
        return anchor + timedelta(days=rung.days)

    def _notice_fits(self, invoice: Invoice, step: Step, day: date) -> bool:
        """A notice needs the client's opt-in and a workday before the due date; a missed notice is not caught up."""
        if not self.ledger.client.l0_opt_in or self.today >= invoice.due:
            return False
        placed = self._placed(Standing(invoice, step), day).due_on
        return placed is not None and placed < invoice.due

    def _placed(self, standing: Standing, day: date) -> Standing:
        """The step on the workday that its own day, the distance to the last letter and the client's calendar allow."""
        contacted = max((self.calendar.today(entry.sent_at) for entry in self.ledger.log), default=None)
        delayed = None
        if contacted is not None and (earliest := contacted + timedelta(days=self.settings.spacing_days)) > day:
            delayed = PauseReason.TOO_SOON if day <= self.today < earliest else None
            day = earliest
        workday = self.calendar.workday_from(day)
        if workday < self.today and not self.calendar.is_workday(self.today):
            workday = self.calendar.workday_from(self.today)
        if day <= self.today < workday:
            delayed = PauseReason.FREE_DAY
        return replace(standing, due_on=workday, delayed=delayed)
