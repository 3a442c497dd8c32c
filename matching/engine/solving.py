"""`solve`: the way to a plan that fits the size of the problem."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from .arrays import arrays_of, cut_short
from .exact import MOST_LOADS, OnStage, TooManyLoads, all_loads, solve_stages, start_of
from .highs import highs_version
from .large import solve_large
from .ledger import Ledger
from .lookup import Lookup
from .planning import build_plan
from .sofar import OnBest, SoFar
from .stages import Taken, easy_bounds
from .types import Plan, Problem, Progress
from .warm import Start, kept_of, warm_start

# Building, verifying and writing the plan of a large pool take so many times what it took to have
# its pairs and the quick plan: measured 3.2 to 3.5 at 6,000 needs, on any machine, busy or not.
ENDING = 4.0
LEAST_SHARE = 0.25  # of the time is for the search in any case


def solve(
    problem: Problem,
    *,
    wall_s: float,
    on_stage: OnStage | None = None,
    work: Mapping[str, int] | None = None,
    on_best: OnBest | None = None,
    start: Start = (),
) -> Plan:
    """Solve in this process within about `wall_s` seconds.

    Where the people have few enough loads, every stage is solved on all of them. Else the
    quick plan is improved block by block, guided by prices that also give the bounds; the plan
    counts that `work`, and the same counts give the same plan.
    A stage that runs out of work or time keeps the best found and its bound, and is not called
    proven; `cut` in the work says that the clock ended a step that is not counted. HiGHS may pass
    its limit inside a long linear program: callers that must return on time use `solve_in_child`.
    Of that time a large pool keeps back what building, verifying and writing the plan will take.
    `on_best` is called now and then with the best at hand. `start` are pairs of an earlier plan:
    those that still hold (`warm.kept_of`) are where the search begins, and stand in the plan as
    its `start`, so that it is made again with them.
    Raises SolverFailed when an answer contradicts its own objective.
    """
    began = time.perf_counter()
    lookup = Lookup(problem)
    arrays = arrays_of(lookup)
    pairs = arrays.pairs()
    bounds: Sequence[int] = easy_bounds(lookup, pairs)
    begin: Taken = start_of(lookup, pairs)
    kept = kept_of(lookup, pairs, start)
    if kept:
        begin = warm_start(lookup, pairs, kept, begin)
    ready = time.perf_counter() - began
    counted: Mapping[str, int] = {}

    def tell(best: SoFar) -> None:
        if on_best is not None:
            on_best(replace(best, versions=versions(), start=kept))

    try:
        if len(pairs) > MOST_LOADS:
            raise TooManyLoads
        loads = all_loads(lookup, Ledger(lookup), pairs, MOST_LOADS)
    except TooManyLoads:
        left = wall_s - (time.perf_counter() - began)
        taken, bounds, done = solve_large(
            lookup, arrays, begin, tuple(bounds),
            wall_s=max(left - ENDING * ready, LEAST_SHARE * left),
            work=work, on_stage=on_stage, on_best=tell,
        )  # fmt: skip
        counted = done.counts()
        backend = "search"
    else:
        left = wall_s - (time.perf_counter() - began)
        staged = solve_stages(
            lookup, Ledger(lookup), pairs, begin, bounds,
            wall_s=left, loads=loads, on_stage=on_stage,
            on_best=lambda at: tell(SoFar(at.taken, at.bounds, {"cut": 1}, "highs")),
        )  # fmt: skip
        taken, bounds = staged.taken, staged.bounds
        counted = {"cut": 1} if staged.late else {}
        backend = "highs"
    if on_stage is not None:
        of = len(problem.policy.stages)
        on_stage(Progress("完了", of, of))
    return build_plan(
        lookup,
        pairs,
        taken,
        cut_short=cut_short(arrays),
        bounds=bounds,
        backend=backend,
        stopped="optimal",
        versions=versions(),
        work=counted,
        start=kept,
        seconds=time.perf_counter() - began,
    )


def versions() -> dict[str, str]:
    """The versions of the libraries that a plan depends on."""
    return {"highs": highs_version(), "numpy": np.__version__}
