"""Solving in a child process that never outlives its parent and is killed at its limit.

A Celery pool process may not use multiprocessing, and HiGHS may pass its own time limit; so
the solver runs as `python -m matching.engine solve -`, the problem on its standard input, the
plan on its standard output, progress as JSON lines on its standard error.
"""

from __future__ import annotations

import ctypes
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from .documents import plan_from_json, plan_to_json, problem_to_json
from .types import Plan, Problem, ProblemError, Progress, SolverFailed, SolverTimedOut

MARGIN_S = 10.0  # reading, building the model, writing: on top of the solver's own limit
PR_SET_PDEATHSIG = 1
ORPHAN_POLL_S = 0.5


def solve_in_child(
    problem: Problem,
    *,
    wall_s: float,
    on_progress: Callable[[Progress], None] | None = None,
    margin_s: float = MARGIN_S,
) -> Plan:
    """The staged plan of `problem`, solved in a child process; see `_in_child`."""
    return _in_child("solve", problem_to_json(problem), wall_s, on_progress, margin_s)


def join_in_child(
    problem: Problem,
    parts: Sequence[Problem],
    plans: Sequence[Plan],
    *,
    wall_s: float,
    on_progress: Callable[[Progress], None] | None = None,
    margin_s: float = MARGIN_S,
) -> Plan:
    """The plan of `problem` put together from those of its parts (`parts.join`), in a child
    process; see `_in_child`."""
    document = {
        "problem": problem_to_json(problem),
        "parts": [problem_to_json(part) for part in parts],
        "plans": [plan_to_json(plan) for plan in plans],
    }
    return _in_child("join", document, wall_s, on_progress, margin_s)


def _in_child(
    command: str,
    document: object,
    wall_s: float,
    on_progress: Callable[[Progress], None] | None,
    margin_s: float,
) -> Plan:
    """The plan that a command of the engine makes of a document, in a child process.

    The child is killed `margin_s` seconds after its own limit of `wall_s` seconds, and dies
    with this process, also when that is killed. `on_progress` is called in the calling thread;
    when it raises, the child is killed and the exception goes on.
    Raises SolverTimedOut when the child was killed at its limit, SolverFailed when it was killed
    by somebody else, crashed, or answered nonsense.
    """
    environment = dict(os.environ, PYTHONPATH=str(Path(__file__).parents[2]))
    child = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
        [sys.executable, "-m", "matching.engine", command, "-", f"--wall={wall_s}",
         f"--parent={os.getpid()}", "--progress"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True, env=environment,
    )  # fmt: skip
    limit = time.monotonic() + wall_s + margin_s
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    answer: list[bytes] = []
    threads = (
        threading.Thread(target=_feed, args=(child.stdin, document), daemon=True),
        threading.Thread(target=_listen, args=(child.stderr, lines), daemon=True),
        threading.Thread(target=_collect, args=(child.stdout, answer), daemon=True),
    )
    try:
        for thread in threads:
            thread.start()
        said = _follow(lines, limit, on_progress)
        code = child.wait(timeout=max(0.0, limit - time.monotonic()))
        threads[-1].join(timeout=max(0.0, limit - time.monotonic()))
    except (queue.Empty, subprocess.TimeoutExpired):
        raise SolverTimedOut(f"killed: no plan after {wall_s + margin_s:g} s") from None
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
    if code != 0:
        reason = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
        raise SolverFailed("; ".join([reason, *said[-3:]]))
    try:
        return plan_from_json(json.loads(b"".join(answer)))
    except (ValueError, ProblemError) as error:
        raise SolverFailed(f"unreadable plan: {error}") from error


def _follow(
    lines: queue.SimpleQueue[str | None],
    limit: float,
    on_progress: Callable[[Progress], None] | None,
) -> list[str]:
    """Hand on progress until the child closes its standard error; the other lines come back.

    Raises queue.Empty at the limit.
    """
    said: list[str] = []
    while True:
        line = lines.get(timeout=max(0.0, limit - time.monotonic()))
        if line is None:
            return said
        try:
            data = json.loads(line)
            progress = Progress(str(data["stage"]), int(data["done"]), int(data["of"]))
        except (ValueError, KeyError, TypeError):
            said.append(line)
            continue
        if on_progress is not None:
            on_progress(progress)


def _feed(pipe: IO[bytes], document: object) -> None:
    try:
        with pipe:
            pipe.write(json.dumps(document).encode())
    except (BrokenPipeError, ValueError):
        return  # the child is gone; its exit code tells why


def _listen(pipe: IO[bytes], lines: queue.SimpleQueue[str | None]) -> None:
    with pipe:
        for line in pipe:
            lines.put(line.decode(errors="replace").strip())
    lines.put(None)


def _collect(pipe: IO[bytes], answer: list[bytes]) -> None:
    with pipe:
        answer.append(pipe.read())


def die_with_parent(parent: int) -> None:
    """Called by the child: make the kernel kill it when `parent` is gone, however it goes.

    Where there is no such call (not Linux), a thread looks after the parent instead.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        # The parent may have gone before the call: then nobody will send the signal.
        if os.getppid() != parent:
            os._exit(3)
        return

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(ORPHAN_POLL_S)
        os._exit(3)

    threading.Thread(target=watch, daemon=True).start()
