"""The state folder of the demo: one run at a time, and beginning anew."""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager

from talentpool.embedded.place import CannotStart, Place

# All that a run makes there; a folder that somebody chose may hold other things.
MADE_BY_RUNS = [
    *("postgres", "postgres.part", "postgres.password", "postgres.log", "postgres.start.log"),
    *("run", "valkey.log", "environ.json", "beat", "log", "mail", "static", "files"),
]
ENDING_SECONDS = 15.0


@contextmanager
def locked_state(place: Place, address: str) -> Iterator[int]:
    """Hold the state folder for one run; the lock's descriptor is for the watchdog.

    A run that was killed gives the lock back when its watchdog has ended it, which is waited for.
    Raises CannotStart when another run holds it; `address` is what that one will then be told.
    """
    path = place.state / "lock"
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        end = time.monotonic() + ENDING_SECONDS
        while not _try(lock):
            holder, _, shown = path.read_text().partition(" ")
            if not holder or _is_alive(int(holder)) or time.monotonic() > end:
                raise CannotStart(
                    f"Already running ({shown or place.state}) with the data in {place.state}:"
                    " stop that first, or run beside it with TALENTPOOL_STATE=DIR PORT=NUMBER."
                )
            time.sleep(0.1)
        os.truncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()} {address}".encode(), 0)
        yield lock
    finally:
        os.close(lock)


def empty_state(place: Place) -> None:
    """Begin anew: remove what earlier runs have made, and nothing else."""
    for name in MADE_BY_RUNS:
        path = place.state / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _try(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
