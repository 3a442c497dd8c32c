"""Look at a hostile file in a process of its own, with its own limits of memory and time (A-28).

`subprocess`, because a Celery pool process may not use multiprocessing.
"""

import resource
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

PROJECT = Path(__file__).resolve().parents[2]
MEMORY_BYTES = 1024 * 1024 * 1024
CPU_SECONDS = 60
OUTPUT_BYTES = 128 * 1024 * 1024  # what a child may write, held by the kernel
SAID_BYTES = 2000  # of what a child says of its failure, the end is kept


class ChildFailed(Exception):
    """The child did not answer. `exhausted`: it ran into its limits of memory, time or output."""

    def __init__(self, stderr: bytes, *, exhausted: bool) -> None:
        super().__init__(stderr[-200:].decode("utf-8", "replace"))
        self.stderr = stderr
        self.exhausted = exhausted


def run_child(module: str, data: bytes, *arguments: str, seconds: int) -> bytes:
    """What `python -m module arguments` writes when it reads `data`. Raises ChildFailed."""
    with TemporaryFile() as out:
        run_child_into(out, module, data, *arguments, seconds=seconds)
        out.seek(0)
        return out.read()


def run_child_into(out: BinaryIO, module: str, data: bytes, *arguments: str, seconds: int) -> None:
    """Have `python -m module arguments` read `data` and write into the file `out`, so that none of
    it stands in the memory of this process. Raises ChildFailed."""
    command = [sys.executable, "-m", module, *arguments]
    with TemporaryFile() as errors:
        try:
            done = subprocess.run(  # noqa: S603 - our own module, arguments of our own
                command,
                input=data,
                stdout=out,
                stderr=errors,
                timeout=seconds,
                check=False,
                cwd=PROJECT,
            )
        except subprocess.TimeoutExpired as error:
            raise ChildFailed(b"", exhausted=True) from error
        if done.returncode != 0:
            errors.seek(max(0, errors.seek(0, 2) - SAID_BYTES))
            said = errors.read()
            beyond = b"MemoryError" in said or b"File too large" in said
            raise ChildFailed(said, exhausted=done.returncode < 0 or beyond)


def limit_this_process() -> None:
    """Called by a child before it looks at the file. When the machine runs out of memory, it is
    this process that the kernel ends first, not the worker that waits for it."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_BYTES, OUTPUT_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError):  # not on every system
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
