"""A Celery worker as its own process, on the test database."""

import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from talentpool.embedded.watchdog import Watchdog

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 180


def test_database_url() -> str:
    """DATABASE_URL of the database this test process works on."""
    at = {key: quote(str(value), safe="") for key, value in connection.settings_dict.items()}
    return f"postgres://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"


test_database_url.__test__ = False  # type: ignore[attr-defined]


class WorkerProcess:
    """Starts, kills and brings back one worker with one child process."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None
        self.watchdog: Watchdog | None = None  # ends the worker if the test run is killed

    def start(self, *, environ: dict[str, str] | None = None) -> None:
        """Start a worker and wait until it takes tasks. Raises RuntimeError with its log."""
        name = f"test-{uuid.uuid4().hex[:8]}@localhost"
        command = [sys.executable, "-m", "celery", "-A", "talentpool", "worker"]
        command += ["--hostname", name, "--concurrency", "1", "--loglevel", "INFO"]
        command += ["--without-gossip", "--without-mingle"]
        self.watchdog = Watchdog()
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, "DATABASE_URL": test_database_url(), **(environ or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=self.watchdog.group,
            )
        self._wait_until_ready(name)

    def kill_hard(self) -> None:
        """`kill -9` of the worker and its children, in the middle of whatever they do."""
        if self.process is not None and self.watchdog is not None:
            os.killpg(self.watchdog.group, signal.SIGKILL)
            self.process.wait()
            self.watchdog.end()
            self.watchdog = None

    def stop(self) -> int:
        """SIGTERM: finish what runs, then end. Returns the exit status."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(READY_SECONDS)

    def text(self) -> str:
        """The worker's log so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    @staticmethod
    def flush_broker() -> None:
        """Forget all messages of this test process's broker number."""
        from talentpool.celery import app

        with app.connection_for_write() as broker:
            broker.default_channel.client.flushdb()

    def _wait_until_ready(self, name: str) -> None:
        from talentpool.celery import app

        assert self.process is not None
        end = time.monotonic() + READY_SECONDS
        while not app.control.ping(destination=[name], timeout=0.5):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"The worker did not start ({settings.PROFILE}):\n{self.text()}")
