"""Runs and deliveries that are killed, against real servers.

`benchmarks/kill.py` does the same with 500 mails and 20 kills, `benchmarks/kill_deliveries.py` with 500 kills of deliveries.
"""

from pathlib import Path

import pytest
from servers import dovecot
from support.killed_deliveries import Outcome, kill_appends, kill_sendings
from support.killing import kill_day

pytest_plugins = ("servers.fixtures",)


def trouble(outcome: Outcome) -> tuple[int, ...]:
    """What there should be none of."""
    return outcome.doubled, outcome.missing, outcome.hidden, outcome.unsettled


def test_a_killed_sending_is_never_repeated(tmp_path: Path) -> None:
    """The 250 that a dead process did not hear must not end in a second mail to the client, and the doubt must be shown."""
    outcome = kill_sendings(tmp_path, kills=20)
    assert trouble(outcome) == (0, 0, 0, 0)
    assert outcome.kills == 20
    assert outcome.uncertain > 0
    assert outcome.taken <= outcome.replies


if dovecot.AVAILABLE:

    @pytest.mark.dovecot
    def test_a_killed_append_ends_in_exactly_one_draft(
        dovecot_server: dovecot.Dovecot, user: str, tmp_path: Path
    ) -> None:
        """Two drafts of one reply are two replies, once the person has sent both."""
        outcome = kill_appends(dovecot_server, user, tmp_path, kills=20)
        assert trouble(outcome) == (0, 0, 0, 0)
        assert outcome.taken == outcome.replies

    @pytest.mark.dovecot
    def test_killed_runs_lose_and_double_nothing(dovecot_server: dovecot.Dovecot, user: str, tmp_path: Path) -> None:
        """A write after an effect, or an effect after its record, shows as a lost mail or a second draft."""
        tally = kill_day(dovecot_server, user, tmp_path, mails=25, kills=6, longest_s=5.0)
        assert (tally.mails, tally.assessments, tally.doubled, tally.doubled_drafts) == (25, 25, 0, 0)
        assert tally.drafts == tally.approved > 10
        assert tally.integrity == "ok"
