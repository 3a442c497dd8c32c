"""Servers for one run of tests or checks, whose data goes when the run ends."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from talentpool.embedded.place import find_place
from talentpool.embedded.servers import Servers, running_servers
from talentpool.embedded.watchdog import Watchdog


@contextmanager
def throwaway_servers(watchdog: Watchdog) -> Iterator[Servers]:
    """Empty servers; nothing is left of them once the watchdog has ended.

    Those that DATABASE_URL and BROKER_URL name are used instead. Raises CannotStart.
    """
    database, broker = os.environ.get("DATABASE_URL"), os.environ.get("BROKER_URL")
    if database and broker:
        yield Servers(database, broker, {})
        return
    place = find_place()
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=place.state))
    watchdog.guard_path(folder)
    try:
        if place.account is not None:
            folder.chmod(0o755)
        with running_servers(place, folder, watchdog, throwaway=True) as servers:
            yield servers
    finally:
        shutil.rmtree(folder, ignore_errors=True)
