"""One run at a time, by a lock that the operating system drops when a process dies, however it dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import BusyError


@contextmanager
def run_lock(store: Path) -> Iterator[None]:
    """Hold the lock beside the store. Raises BusyError at once if another run has it."""
    store.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(store.with_name(f"{store.name}.lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(
                "Another run is active; this one did nothing.", fix="The next cron call will go on."
            ) from None
        yield
    finally:
        os.close(handle)
