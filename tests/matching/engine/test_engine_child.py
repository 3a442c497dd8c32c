"""The solver child: progress, hard kill, death with its parent, crash."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from matching.engine import (
    Progress,
    SolverFailed,
    SolverTimedOut,
    plan_to_json,
    problem_to_json,
    solve,
    solve_in_child,
    verify,
)
from matching.engine.generate import generate

ROOT = Path(__file__).parents[3]
HARD = {"towns": 179, "needs": 600, "specialists": 250, "seed": 0, "scarce": True}
PATIENCE_S = 60.0


def children_of_this_test() -> list[psutil.Process]:
    return [p for p in psutil.Process().children(recursive=True) if is_solver(p)]


def is_solver(process: psutil.Process) -> bool:
    """False too for one that has ended meanwhile: another test's process may do so at any time."""
    try:
        return "matching.engine" in process.cmdline()
    except psutil.NoSuchProcess:  # ZombieProcess is one of these
        return False


def test_the_child_gives_the_plan_of_the_same_process() -> None:
    problem = generate(towns=6, needs=12, specialists=20, seed=3)
    seen: list[Progress] = []
    plan = solve_in_child(problem, wall_s=60, on_progress=seen.append)
    assert verify(problem, plan) == ()
    first, second = plan_to_json(plan), plan_to_json(solve(problem, wall_s=60))
    del first["seconds"], second["seconds"]
    assert first == second
    assert [(p.done, p.of) for p in seen] == [(i, 5) for i in range(6)]
    assert seen[0].stage == "一件目の支援が届く市町の数"


def test_a_child_over_its_limit_is_killed() -> None:
    with pytest.raises(SolverTimedOut, match="killed: no plan after"):
        solve_in_child(generate(**HARD), wall_s=0.2, margin_s=0.0)
    assert children_of_this_test() == []


def test_a_stop_asked_for_in_the_progress_call_kills_the_child() -> None:
    class Cancelled(Exception):
        pass

    def stop(progress: Progress) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        solve_in_child(generate(**HARD), wall_s=60, on_progress=stop)
    assert children_of_this_test() == []


def test_a_killed_child_is_a_failure_with_its_signal() -> None:
    def kill(progress: Progress) -> None:
        for child in children_of_this_test():
            child.kill()

    with pytest.raises(SolverFailed, match="killed by signal 9") as caught:
        solve_in_child(generate(**HARD), wall_s=60, on_progress=kill)
    assert not isinstance(caught.value, SolverTimedOut)


def test_the_child_dies_with_its_parent_on_sigkill(tmp_path: Path) -> None:
    file = tmp_path / "hard.json"
    file.write_text(json.dumps(problem_to_json(generate(**HARD))))
    code = (
        "import json, sys; from matching.engine import problem_from_json, solve_in_child\n"
        "p = problem_from_json(json.load(open(sys.argv[1])))\n"
        "solve_in_child(p, wall_s=120, on_progress=lambda s: print(s.done, flush=True))\n"
    )
    environment = dict(os.environ, PYTHONPATH=str(ROOT))
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(file)], stdout=subprocess.PIPE, env=environment
    )
    assert parent.stdout is not None
    parent.stdout.readline()  # the child has begun to solve
    (child,) = psutil.Process(parent.pid).children()
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    until = time.monotonic() + PATIENCE_S
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < until, "the solver outlived its parent"
        time.sleep(0.05)


def test_a_child_whose_parent_is_already_gone_does_not_start() -> None:
    command = [sys.executable, "-m", "matching.engine", "solve", "-", "--parent=1234567"]
    done = subprocess.run(command, cwd=ROOT, input=b"{}", capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (3, b"")
