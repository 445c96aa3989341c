"""500 kills across the dialogue of a delivery, for drafts and for sendings: nothing twice, nothing lost, all doubts shown.

    python benchmarks/kill_deliveries.py [kills]

Drafts go to a real Dovecot, sendings to an SMTP server on loopback; the lost 250 is among the points.
"""

import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent.parent / "tests"), str(Path(__file__).parent.parent)]

from servers.dovecot import Dovecot  # noqa: E402 the path is set above: this script borrows the tests' servers
from support.killed_deliveries import kill_appends, kill_sendings  # noqa: E402


def main() -> None:
    """Run both and print what came out."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    with tempfile.TemporaryDirectory() as place, Dovecot() as server:
        for name in ("drafts", "sendings"):
            (Path(place) / name).mkdir()
        print("drafts  ", kill_appends(server, "kill@example.org", Path(place) / "drafts", kills), flush=True)
        print("sendings", kill_sendings(Path(place) / "sendings", kills), flush=True)


if __name__ == "__main__":
    main()
