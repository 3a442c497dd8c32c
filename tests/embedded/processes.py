"""Which processes belong to a state folder."""

import time
from pathlib import Path


def processes_of(state: Path) -> list[str]:
    """Command lines of the living processes that name the folder as argument or environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command, environ = (
                    (entry / "cmdline").read_bytes(),
                    (entry / "environ").read_bytes(),
                )
                alive = (entry / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
            except OSError:
                continue
            if alive and str(state).encode() in command + environ:
                found.append(command.replace(b"\0", b" ").decode(errors="replace"))
    return found


def wait_until_gone(state: Path, seconds: float) -> list[str]:
    """Wait until none is left; those that are left after `seconds`."""
    end = time.monotonic() + seconds
    while (left := processes_of(state)) and time.monotonic() < end:
        time.sleep(0.1)
    return left
