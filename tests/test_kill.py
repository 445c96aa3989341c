"""Runs that are killed, against a real server. `benchmarks/kill.py` does the same with 500 mails and 20 kills."""

from pathlib import Path

import pytest
from servers import dovecot
from support.killing import kill_day

pytest_plugins = ("servers.fixtures",)

if dovecot.AVAILABLE:

    @pytest.mark.dovecot
    def test_killed_runs_lose_and_double_nothing(dovecot_server: dovecot.Dovecot, user: str, tmp_path: Path) -> None:
        """A write after an effect, or an effect after its record, shows as a lost mail or a second draft."""
        tally = kill_day(dovecot_server, user, tmp_path, mails=25, kills=6, longest_s=5.0)
        assert (tally.mails, tally.assessments, tally.doubled, tally.doubled_drafts) == (25, 25, 0, 0)
        assert tally.drafts == tally.approved > 10
        assert tally.integrity == "ok"
