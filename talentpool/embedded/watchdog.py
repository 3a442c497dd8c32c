"""The watchdog: leads the process group of a run and ends the run when its starter is gone.

It holds one end of a pipe. As long as the starter lives the pipe is open; when the starter ends in
whatever way, `kill -9` included, the watchdog ends the process group and PostgreSQL (which pg_ctl
puts in a session of its own), and removes what was made for the run only. It is started by path
and uses the standard library only, so that it is there within milliseconds.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from talentpool.embedded.place import Place

GRACE_SECONDS = 5.0


class Watchdog:
    """The starter's side. `group` is the process group that the run's processes belong to.

    `lock` is a descriptor that the watchdog keeps open too, so that a lock on it is held until the
    run is really over.
    """

    def __init__(self, lock: int | None = None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).resolve())],
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
            pass_fds=() if lock is None else (lock,),
        )
        self.group = self._process.pid

    def guard_postgres(self, stop_command: list[str], place: "Place") -> None:
        """Have a server stopped by its own command when we are gone."""
        account = {key: value for key, value in place.as_account().items() if key != "extra_groups"}
        self._say({"stop": stop_command, "account": account})

    def guard_path(self, path: Path) -> None:
        """Have a file or folder of this run removed when we are gone."""
        self._say({"remove": str(path)})

    def end(self) -> None:
        """End whatever is left of the process group, the watchdog last."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        self._process.wait()

    def _say(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None  # noqa: S101  (for the type checker)
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        self._process.stdin.flush()


def _others_in_group() -> bool:
    """Whether anybody but us is in our process group. Linux only; elsewhere: perhaps."""
    proc = Path("/proc")
    if not (proc / "self" / "stat").exists():
        return True
    me, group = os.getpid(), os.getpgrp()
    for entry in proc.iterdir():
        if entry.name.isdigit() and int(entry.name) != me:
            try:
                after_name = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(after_name[2]) == group and after_name[0] != "Z":
                return True
    return False


def _watch() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    duties = [json.loads(line) for line in sys.stdin]  # ends when the starter is gone
    group = os.getpgrp()
    os.killpg(group, signal.SIGTERM)
    end = time.monotonic() + GRACE_SECONDS
    while _others_in_group() and time.monotonic() < end:
        time.sleep(0.05)
    for duty in duties:
        if "stop" in duty:
            subprocess.run(
                duty["stop"],
                check=False,
                stdin=subprocess.DEVNULL,
                **(duty["account"] and {**duty["account"], "extra_groups": []}),
            )
    for duty in duties:
        if "remove" in duty:
            path = Path(duty["remove"])
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
    os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    _watch()
