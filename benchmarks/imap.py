"""Fetching and polling against a real Dovecot on loopback, each beside a bare imapclient doing the least it can.

    python benchmarks/imap.py [--rounds 7] [--mails 5000] [--large 50000]

Needs a Dovecot binary. Prints medians of interleaved rounds, and the ratios that the budgets speak of:
a first fetch (UIDs, headers, bodies through `ImapSource`) against `search` and a batched `fetch` of the same bodies;
a poll without new mail (connect, login, EXAMINE, logout) against connect, login, select, one search, logout.
"""

import argparse
import os
import random
import resource
import ssl
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from imapclient import IMAPClient

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from servers.dovecot import AVAILABLE, PASSWORD, Dovecot

from pipeline.mail.endpoint import Security
from pipeline.mail.imap import ImapSettings, ImapSource
from pipeline.mail.ports import Role

BATCH = 200
AVERAGE_BYTES = 17_000
_LINE = "An ordinary line of an ordinary letter, as long as lines in letters are.\n"


def fill(server: Dovecot, user: str, count: int, average_bytes: int) -> None:
    """Write mails straight into a Maildir; sizes are spread as they are in mailboxes, many small and few large."""
    draw = random.Random(count)
    home = server.root / "mail" / user
    for name in ("new", "cur", "tmp"):
        (home / "Maildir" / name).mkdir(parents=True)
    for number in range(count):
        hops = "".join(
            f"Received: from mx{hop}.example.com by mail.example.org with ESMTPS id {draw.getrandbits(64):016x}\n"
            f"\tfor <{user}>; Tue, 03 Mar 2026 10:00:00 +0000\n"
            for hop in range(3)
        )
        header = (
            f"{hops}From: Client {number % 40} <client{number % 40}@example.com>\nTo: {user}\nSubject: Mail {number}\n"
            f"Date: Tue, 03 Mar 2026 10:00:00 +0000\nMessage-ID: <{number}.{draw.getrandbits(64):x}@example.com>\n"
            "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n"
        )
        lines = int(draw.expovariate(1 / average_bytes)) // len(_LINE)
        path = home / "Maildir" / "new" / f"{1_700_000_000 + number}.M{number:06d}P1.bench"
        path.write_text(header + _LINE * lines)
        os.utime(path, (1_700_000_000 + number,) * 2)
    if os.geteuid() == 0:
        owner = (server.root / "mail").stat()
        for path in [home, *home.rglob("*")]:
            os.chown(path, owner.st_uid, owner.st_gid)


def bare(settings: ImapSettings) -> IMAPClient:
    """A bare imapclient as its manual shows it, logged in, INBOX open."""
    if settings.security is Security.TLS:
        context = ssl.create_default_context(cafile=settings.ca_file)
        client = IMAPClient(settings.host, settings.port, ssl_context=context, timeout=60)
    else:
        client = IMAPClient(settings.host, settings.port, ssl=False, timeout=60)
    client.login(settings.username, PASSWORD)
    client.select_folder("INBOX", readonly=True)
    return client


def bare_fetch(settings: ImapSettings) -> int:
    """All bodies, batched, nothing else. Gives the bytes fetched."""
    with bare(settings) as client:
        uids = client.search()
        return sum(
            len(row[b"BODY[]"])
            for start in range(0, len(uids), BATCH)
            for row in client.fetch(uids[start : start + BATCH], ["BODY.PEEK[]"]).values()
        )


def our_fetch(settings: ImapSettings) -> int:
    """UIDs, headers with size and date, bodies, as the run does it batch by batch. Gives the bytes fetched."""
    total = 0
    with ImapSource(settings) as source:
        source.examine(Role.INBOX)
        for listed in source.listing(Role.INBOX, source.uids(Role.INBOX, after=0)):
            total += sum(len(one.raw or b"") for batch in source.bodies(Role.INBOX, listed) for one in batch)
    return total


def bare_poll(settings: ImapSettings) -> int:
    """Connect, login, select, one search."""
    with bare(settings) as client:
        return len(client.search("UNSEEN UID 99999999:*"))


def our_poll(settings: ImapSettings) -> int:
    """Connect, login, EXAMINE: UIDNEXT says that nothing is new."""
    with ImapSource(settings) as source:
        state = source.examine(Role.INBOX)
        return state.uidnext or 0 if state else 0


def compare(what: str, rounds: int, ours: Callable[[], int], theirs: Callable[[], int]) -> None:
    """Time both in turns and print medians with their spread, and the median of the ratios."""
    ours(), theirs()
    pairs = [(timed(ours), timed(theirs)) if number % 2 else timed_swapped(ours, theirs) for number in range(rounds)]
    mine, other = zip(*pairs, strict=True)
    ratio = statistics.median(a / b for a, b in pairs)
    print(
        f"{what:<44} ours {describe(mine)}   bare imapclient {describe(other)}   ratio {ratio:.2f}"
        f" (of medians {statistics.median(mine) / statistics.median(other):.2f})"
    )


def timed(work: Callable[[], int]) -> float:
    """Seconds that it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def timed_swapped(ours: Callable[[], int], theirs: Callable[[], int]) -> tuple[float, float]:
    """The same, the other one first: what runs second finds warmer caches."""
    other = timed(theirs)
    return timed(ours), other


def describe(seconds: tuple[float, ...]) -> str:
    """Median and range in ms."""
    return f"{statistics.median(seconds) * 1000:7.1f} ms [{min(seconds) * 1000:.1f} to {max(seconds) * 1000:.1f}]"


def main() -> None:
    """Fill two mailboxes, then measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--mails", type=int, default=5_000)
    parser.add_argument("--large", type=int, default=50_000)
    options = parser.parse_args()
    if not AVAILABLE:
        sys.exit("No Dovecot here: install dovecot-imapd.")
    with Dovecot() as server:
        fill(server, "small@example.org", options.mails, AVERAGE_BYTES)
        fill(server, "large@example.org", options.large, 300)
        lines = {
            "TLS": lambda user: server.settings(user, timeout_s=60.0),
            "plain": lambda user: server.plain_settings(user, timeout_s=60.0),
        }
        for line, settings_of in lines.items():
            small, large = settings_of("small@example.org"), settings_of("large@example.org")
            fetched = our_fetch(small)
            if fetched != bare_fetch(small):
                sys.exit("The two did not fetch the same.")
            compare(
                f"fetch of {options.mails} mails, {fetched / 1e6:.0f} MB, {line}",
                options.rounds,
                lambda small=small: our_fetch(small),
                lambda small=small: bare_fetch(small),
            )
            for settings, count in ((small, options.mails), (large, options.large)):
                compare(
                    f"poll without new mail, {count} in INBOX, {line}",
                    3 * options.rounds,
                    lambda settings=settings: our_poll(settings),
                    lambda settings=settings: bare_poll(settings),
                )
    print(f"highest memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
