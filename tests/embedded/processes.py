"""Which processes belong to a state folder."""

import time
from pathlib import Path

PROC = Path("/proc")


def processes_of(state: Path) -> list[int]:
    """Ids of the living processes that name the folder in an argument or in the environment."""
    name = str(state).encode()
    found = []
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                named = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
                state_letter = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if name in named and state_letter != "Z":
                found.append(int(entry.name))
    return found


def command_line(pid: int) -> str:
    """Its arguments in one line; empty when it is gone."""
    try:
        return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def wait_until_gone(state: Path, seconds: float) -> list[str]:
    """Wait until none is left; the command lines of those that are left after `seconds`."""
    end = time.monotonic() + seconds
    while (left := processes_of(state)) and time.monotonic() < end:
        time.sleep(0.1)
    return [line for pid in left if (line := command_line(pid))]
