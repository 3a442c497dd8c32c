"""Solving in a child process that never outlives its parent and is killed at its limit.

A Celery pool process may not use multiprocessing, and HiGHS may pass its own time limit; so
the solver runs as `python -m matching.engine solve -`, the problem on its standard input, the
plan on its standard output, progress as JSON lines on its standard error. Before the plan it
writes now and then the best it has so far, a line each: the last whole line is what is left of a
child that had to be killed.
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
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import IO

from .documents import plan_from_json, plan_to_json, problem_to_json
from .sofar import plan_so_far
from .types import (
    Accepted,
    Assignment,
    Plan,
    Problem,
    ProblemError,
    Progress,
    SolverFailed,
    SolverTimedOut,
)
from .verify import verify

# On top of the solver's own limit: starting, reading, building the plan, verifying, writing, and
# the step that it is in when the time is up.
MARGIN_S = 10.0
MARGIN_EACH_S = 0.003  # for each need and person
MOST_MARGIN_S = 150.0
# A library of linear algebra adds in an order that depends on its threads.
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
PR_SET_PDEATHSIG = 1
ORPHAN_POLL_S = 0.5


def solve_in_child(
    problem: Problem,
    *,
    wall_s: float,
    on_progress: Callable[[Progress], None] | None = None,
    margin_s: float | None = None,
    start: Iterable[Accepted | Assignment] = (),
) -> Plan:
    """The staged plan of `problem`, solved in a child process; see `_in_child`. `start` are pairs
    of an earlier plan, where the search begins (`solving.solve`)."""
    document = problem_to_json(problem)
    rows = [
        {"need": row.need, "specialist": row.specialist, "half_days": row.half_days}
        for row in start
    ]
    if not rows:
        return _in_child("solve", problem, document, wall_s, on_progress, margin_s)
    document = {"problem": document, "start": rows}
    return _in_child("solve", problem, document, wall_s, on_progress, margin_s, "--started")


def join_in_child(
    problem: Problem,
    parts: Sequence[Problem],
    plans: Sequence[Plan],
    *,
    wall_s: float,
    on_progress: Callable[[Progress], None] | None = None,
    margin_s: float | None = None,
) -> Plan:
    """The plan of `problem` put together from those of its parts (`parts.join`), in a child
    process; see `_in_child`."""
    document = {
        "problem": problem_to_json(problem),
        "parts": [problem_to_json(part) for part in parts],
        "plans": [plan_to_json(plan) for plan in plans],
    }
    return _in_child("join", problem, document, wall_s, on_progress, margin_s)


def margin_of(problem: Problem) -> float:
    """How many seconds after its own limit a child is killed, by the size of its problem."""
    people = len(problem.needs) + len(problem.specialists)
    return min(MOST_MARGIN_S, MARGIN_S + MARGIN_EACH_S * people)


def _in_child(
    command: str,
    problem: Problem,
    document: object,
    wall_s: float,
    on_progress: Callable[[Progress], None] | None,
    margin_s: float | None,
    *options: str,
) -> Plan:
    """The plan that a command of the engine makes of a document, in a child process.

    The child is killed `margin_s` seconds (None: `margin_of`) after its own limit of `wall_s`
    seconds; the best plan it told before is then the plan. It dies with this process, also when
    that is killed. `on_progress` is called in the calling thread; when it raises, the child is
    killed and the exception goes on.
    Raises SolverTimedOut when the child was killed at its limit and had told no plan, SolverFailed
    when it was killed by somebody else, crashed, or answered nonsense.
    """
    margin_s = margin_of(problem) if margin_s is None else margin_s
    environment = dict(os.environ, PYTHONPATH=str(Path(__file__).parents[2]), **ONE_THREAD)
    child = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
        [sys.executable, "-m", "matching.engine", command, "-", f"--wall={wall_s}",
         f"--parent={os.getpid()}", "--progress", "--so-far", *options],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True, env=environment,
    )  # fmt: skip
    began = time.monotonic()
    limit = began + wall_s + margin_s
    late = False
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
        late = True
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
    if late:
        threads[-1].join()  # what the child wrote before it was killed
        plan = _left_behind(problem, answer, time.monotonic() - began)
        if plan is None:
            raise SolverTimedOut(f"killed: no plan after {wall_s + margin_s:g} s")
        return plan
    if code != 0:
        reason = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
        raise SolverFailed("; ".join([reason, *said[-3:]]))
    try:
        return plan_from_json(json.loads(answer[0] if answer else b""))
    except (ValueError, ProblemError) as error:
        raise SolverFailed(f"unreadable plan: {error}") from error


def _left_behind(problem: Problem, answer: list[bytes], seconds: float) -> Plan | None:
    """The plan of the last line that a killed child wrote, verified; None where there is none."""
    if not answer:
        return None
    told = json.loads(answer[0])
    if "so_far" not in told:
        return plan_from_json(told)  # it was about to end
    try:
        plan = plan_so_far(problem, told["so_far"], seconds)
    except ProblemError as error:
        raise SolverFailed(f"unreadable plan: {error}") from error
    violations = verify(problem, plan)
    if violations:
        raise SolverFailed(f"the plan broke a rule: {violations[0].code} {violations[0].subject}")
    return plan


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
    """Keep the last whole line."""
    with pipe:
        for line in pipe:
            if line.endswith(b"\n"):
                answer[:] = [line]


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
