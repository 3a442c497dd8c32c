"""`solve`: the way to a plan that fits the size of the problem."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import numpy as np

from .arrays import NOTHING_LEFT, PairArrays, eligible_arrays
from .exact import MOST_LOADS, OnStage, TooManyLoads, all_loads, solve_stages, start_of
from .highs import highs_version
from .large import solve_large
from .ledger import Ledger
from .lookup import Lookup
from .planning import build_plan
from .stages import easy_bounds
from .types import Plan, Problem, Progress

MOST_POSSIBLE = 20_000_000  # needs × people of which all eligible pairs are worked on
KEPT_PAIRS = 40  # of each need beyond that


def solve(
    problem: Problem,
    *,
    wall_s: float,
    on_stage: OnStage | None = None,
    work: Mapping[str, int] | None = None,
) -> Plan:
    """Solve in this process within about `wall_s` seconds.

    Where the people have few enough loads, every stage is solved on all of them. Else the
    quick plan is improved block by block, guided by prices that also give the bounds; the plan
    counts that `work`, and the same counts give the same plan.
    A stage that runs out of work or time keeps the best found and its bound, and is not called
    proven; `cut` in the work says that the clock ended a step that is not counted. HiGHS may pass
    its limit inside a long linear program: callers that must return on time use `solve_in_child`.
    Raises SolverFailed when an answer contradicts its own objective.
    """
    began = time.perf_counter()
    lookup = Lookup(problem)
    arrays = arrays_of(lookup)
    pairs = arrays.pairs()
    bounds: Sequence[int] = easy_bounds(lookup, pairs)
    start = start_of(lookup, pairs)
    counted: Mapping[str, int] = {}
    try:
        if len(pairs) > MOST_LOADS:
            raise TooManyLoads
        loads = all_loads(lookup, Ledger(lookup), pairs, MOST_LOADS)
    except TooManyLoads:
        left = wall_s - (time.perf_counter() - began)
        taken, bounds, done = solve_large(
            lookup, arrays, start, tuple(bounds), wall_s=left, work=work, on_stage=on_stage
        )
        counted = {"search": done.search, "bounds": done.bounds}
        backend = "search"
    else:
        left = wall_s - (time.perf_counter() - began)
        staged = solve_stages(
            lookup, Ledger(lookup), pairs, start, bounds,
            wall_s=left, loads=loads, on_stage=on_stage,
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
        versions={"highs": highs_version()},
        work=counted,
        seconds=time.perf_counter() - began,
    )


def arrays_of(lookup: Lookup) -> PairArrays:
    """The eligible pairs to work on: all, or in very large pools the best of each need; the
    bounds hold for all pairs in any case (`pricing.Pricing.high`)."""
    possible = len(lookup.needs) * len(lookup.people)
    if possible <= MOST_POSSIBLE:
        return eligible_arrays(lookup)
    return eligible_arrays(lookup, most=KEPT_PAIRS)


def cut_short(arrays: PairArrays) -> frozenset[int]:
    """The needs of which only the best pairs were kept: their reasons speak of those only, for
    all pairs of all open needs of a very large pool take more memory than there is."""
    return frozenset(np.flatnonzero(arrays.rest != NOTHING_LEFT).tolist())
