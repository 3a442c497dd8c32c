"""Look at a hostile file in a process of its own, with its own limits of memory and time (A-28).

`subprocess`, because a Celery pool process may not use multiprocessing.
"""

import resource
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
MEMORY_BYTES = 1024 * 1024 * 1024
CPU_SECONDS = 60


class ChildFailed(Exception):
    """The child did not answer. `exhausted`: it ran into its limits of memory or time."""

    def __init__(self, stderr: bytes, *, exhausted: bool) -> None:
        super().__init__(stderr[-200:].decode("utf-8", "replace"))
        self.stderr = stderr
        self.exhausted = exhausted


def run_child(module: str, data: bytes, *arguments: str, seconds: int) -> bytes:
    """What `python -m module arguments` writes when it reads `data`. Raises ChildFailed."""
    command = [sys.executable, "-m", module, *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, arguments of our own
            command, input=data, capture_output=True, timeout=seconds, check=False, cwd=PROJECT
        )
    except subprocess.TimeoutExpired as error:
        raise ChildFailed(b"", exhausted=True) from error
    if done.returncode != 0:
        out_of_memory = b"MemoryError" in done.stderr
        raise ChildFailed(done.stderr, exhausted=done.returncode < 0 or out_of_memory)
    return done.stdout


def limit_this_process() -> None:
    """Called by a child before it looks at the file."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
