"""What a solver that was killed leaves, and what makes its plan the same on another machine."""

from __future__ import annotations

import ast
import dataclasses
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest

from matching.engine import (
    Plan,
    Problem,
    ProblemError,
    Progress,
    SolverTimedOut,
    greedy,
    join_in_child,
    plan_to_json,
    put_together,
    solve,
    solve_in_child,
    verify,
)
from matching.engine import arrays as engine_arrays
from matching.engine import child as engine_child
from matching.engine import large as engine_large
from matching.engine import parts as engine_parts
from matching.engine.arrays import eligible_arrays
from matching.engine.exact import start_of
from matching.engine.generate import generate
from matching.engine.large import solve_large
from matching.engine.lookup import Lookup
from matching.engine.pack import make_pack, replay
from matching.engine.parts import join, split
from matching.engine.sofar import SoFar, plan_so_far, so_far_to_json
from matching.engine.stages import easy_bounds
from tests.matching.engine.building import islands

ROOT = Path(__file__).parents[3]
MIDDLE = {"towns": 15, "needs": 45, "specialists": 30, "seed": 5, "scarce": True}
WIDE = generate(towns=90, needs=300, specialists=125, seed=0, scarce=True)
FIRST_LIMIT_S = 3.0


def solvers() -> list[psutil.Process]:
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if "matching.engine" in process.cmdline():
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found


def killed_at(done: int, solver: Callable[[float, Callable[[Progress], None]], Plan]) -> Plan:
    """The plan of a child that hangs from the stage `done` on and is killed. The time it is given
    is doubled until it comes so far; one that ended before it could be stopped is tried again."""
    limit = FIRST_LIMIT_S
    while True:
        hung: list[int] = []

        def hang(progress: Progress, hung: list[int] = hung) -> None:
            if progress.done == done and not hung:
                hung.extend(process.pid for process in solvers())
                for process in solvers():
                    process.suspend()

        try:
            plan = solver(limit, hang)
        except SolverTimedOut:
            assert not hung, "nothing was left of a child that had come so far"
        else:
            assert solvers() == []
            if hung and plan.stopped != "optimal":
                return plan
        limit *= 2


def test_a_killed_child_leaves_its_best_plan() -> None:
    plan = killed_at(
        1,
        lambda limit, hang: solve_in_child(
            WIDE, wall_s=600, margin_s=limit - 600, on_progress=hang
        ),
    )
    assert verify(WIDE, plan) == ()
    assert (plan.backend, plan.stopped, dict(plan.work)) == ("highs", "limit", {"cut": 1})
    assert plan.stages[0].proven  # "no plan serves more towns" was told and is kept
    assert plan.stages[0].value > greedy(WIDE).stages[0].value
    assert plan.versions["numpy"] == np.__version__


def test_a_killed_joining_leaves_the_plans_of_the_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_parts, "PART_NEEDS", 15)
    monkeypatch.setattr(engine_parts, "MOST_NEEDS", 25)
    of = islands(1, needs=50)
    parts = split(of)
    assert len(parts) == 2
    plans = [solve(part, wall_s=600) for part in parts]
    beside = put_together(of, parts, plans)
    assert verify(of, beside) == ()
    assert sum(len(plan.assignments) for plan in plans) == len(beside.assignments)
    assert {name: beside.work[name] for name in ("search", "bounds", "parts")} == {
        "search": 0, "bounds": 0, "parts": 2,
    }  # fmt: skip
    assert replay(make_pack(of, beside)).same
    plan = killed_at(
        0,
        lambda limit, hang: join_in_child(
            of, parts, plans, wall_s=600, margin_s=limit - 600, on_progress=hang
        ),
    )
    assert [s.value for s in plan.stages] >= [s.value for s in beside.stages]
    again = join(of, parts, plans, work=plan.work)
    assert plan_to_json(plan) | {"seconds": 0} == plan_to_json(again) | {"seconds": 0}


def test_what_a_search_tells_is_found_again_with_its_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine_large, "BLOCKS", (20, 20))
    monkeypatch.setattr(engine_large, "TOLD", 4)
    of = generate(**MIDDLE)
    lookup = Lookup(of)
    arrays = eligible_arrays(lookup)
    start, bounds = start_of(lookup, arrays.pairs()), easy_bounds(lookup, arrays.pairs())
    told: list[SoFar] = []
    solve_large(lookup, arrays, start, bounds, on_best=told.append)
    assert (told[0].taken, told[0].work) == (start, {"search": 0, "bounds": 0})
    assert len({tuple(best.taken.items()) for best in told}) > 2
    for best in (told[0], told[len(told) // 3], told[-3]):
        taken, found, done = solve_large(lookup, arrays, start, bounds, work=best.work)
        assert (taken, found, done.counts()) == (best.taken, list(best.bounds), best.work)
        plan = plan_so_far(of, so_far_to_json(of, best), 1.0)
        assert (verify(of, plan), plan.work, plan.backend) == ((), best.work, "search")


def test_a_larger_problem_is_given_more_time_to_end() -> None:
    small, large = (
        engine_child.margin_of(generate(towns=3, needs=n, specialists=n, seed=0))
        for n in (3, 1_000)
    )
    assert engine_child.MARGIN_S <= small < small + 5 <= large < engine_child.MOST_MARGIN_S


def test_the_quick_plan_is_the_same_by_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    of = generate(towns=23, needs=60, specialists=120, seed=1, scarce=True)
    plain = plan_to_json(greedy(of))
    asked: list[Lookup] = []

    def seen(lookup: Lookup) -> engine_arrays.PairArrays:
        asked.append(lookup)
        return eligible_arrays(lookup)

    monkeypatch.setattr(engine_arrays, "arrays_of", seen)
    assert plan_to_json(greedy(of)) | {"seconds": 0} == plain | {"seconds": 0}
    assert asked == []
    monkeypatch.setattr(sys.modules[greedy.__module__], "PLAIN_POSSIBLE", 60 * 120 - 1)
    assert plan_to_json(greedy(of)) | {"seconds": 0} == plain | {"seconds": 0}
    assert len(asked) == 1


def test_the_solver_child_and_the_command_line_add_in_one_thread() -> None:
    seen: list[dict[str, str]] = []

    def look(progress: Progress) -> None:
        seen.extend(process.environ() for process in solvers())

    problem = generate(towns=6, needs=12, specialists=20, seed=3)
    plan = solve_in_child(problem, wall_s=60, on_progress=look)
    assert plan.versions["numpy"] == np.__version__
    assert seen
    assert all(found.items() >= engine_child.ONE_THREAD.items() for found in seen)
    code = (
        "import os, runpy, sys\n"
        "sys.argv = ['engine', 'generate', '--towns=1', '--needs=1', '--specialists=1']\n"
        "try: runpy.run_module('matching.engine', run_name='__main__')\n"
        "except SystemExit: print([os.environ[name] for name in %r])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code % list(engine_child.ONE_THREAD)],
        cwd=ROOT, capture_output=True, text=True, check=True,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "['1', '1', '1']"


def test_no_sum_is_left_to_a_library_of_linear_algebra() -> None:
    """Its order depends on the machine: another price in the last digit, another plan."""
    for file in sorted((ROOT / "matching" / "engine").glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            assert not isinstance(node, ast.MatMult), file.name
            assert getattr(node, "attr", "") not in {"dot", "vdot", "inner", "einsum", "matmul"}


def test_what_was_told_must_fit_the_problem() -> None:
    of: Problem = generate(towns=6, needs=12, specialists=20, seed=3)
    told = so_far_to_json(of, SoFar({}, [9] * 5, {}, "highs"))
    assert plan_so_far(of, told, 1.0).stopped == "limit"
    for wrong in ({"pairs": [["N", "S", 1]]}, {"pairs": [1]}, {"bounds": [1]}, {"start": [1]}):
        with pytest.raises(ProblemError):
            plan_so_far(of, told | wrong, 1.0)
    assert dataclasses.asdict(SoFar({}, [], {}, "x").within("y", {"a": 1}, {"v": "1"})) == {
        "taken": {}, "bounds": [], "work": {"a": 1}, "backend": "y", "versions": {"v": "1"},
        "start": (),
    }  # fmt: skip
