"""All signals of one client."""

from datetime import datetime

from pipeline.domain.history import History, Signal
from pipeline.playbook import SignalRules
from pipeline.signals.contact import chases_before_deadline, high_frequency, off_hours, unresponsive
from pipeline.signals.ledger import broken_promise, late_payment_trend
from pipeline.signals.patterns import changes_mind_pattern, scope_growth
from pipeline.workdays import WorkCalendar


def read_signals(history: History, rules: SignalRules, now: datetime) -> tuple[Signal, ...]:
    """What the history shows at `now` (aware), in the order of `SignalName`; empty is the usual answer.

    The same mails and the same ledger give the same signals, in whatever order they came in.
    """
    today = WorkCalendar(history.client_hours).today(now)
    found = (
        unresponsive(history, rules, now),
        off_hours(history, rules, now),
        high_frequency(history, rules, now),
        late_payment_trend(history, rules, today),
        broken_promise(history, rules),
        chases_before_deadline(history, rules, now),
        changes_mind_pattern(history, rules, now),
        scope_growth(history, rules, now),
    )
    return tuple(signal for signal in found if signal is not None)
