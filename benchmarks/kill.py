"""500 client mails on a real Dovecot, 20 kills: each mail one assessment, no proposal doubled, each approved reply in Drafts once."""

import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent.parent / "tests"), str(Path(__file__).parent.parent)]

from servers.dovecot import Dovecot  # noqa: E402 the path is set above: this script borrows the tests' server
from support.killing import kill_day  # noqa: E402


def main() -> None:
    """Run it and print what came out."""
    mails, kills = (int(word) for word in (sys.argv[1:3] or ["500", "20"]))
    with Dovecot() as server, tempfile.TemporaryDirectory() as place:
        print(kill_day(server, "kill@example.org", Path(place), mails=mails, kills=kills, longest_s=25.0))


if __name__ == "__main__":
    main()
