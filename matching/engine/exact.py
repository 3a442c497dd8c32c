"""Staged solving of the whole program: each stage is fixed before the next one is improved."""

from __future__ import annotations

import time
from collections.abc import Callable

from .greedy import fill
from .highs import highs_version, maximise
from .ledger import Ledger
from .lookup import Lookup
from .model import Model
from .pairs import eligible_pairs
from .planning import build_plan
from .stages import easy_bounds, stage_label, stage_values
from .types import Plan, Problem, Progress, SolverFailed

OnStage = Callable[[Progress], None]


def solve(problem: Problem, *, wall_s: float, on_stage: OnStage | None = None) -> Plan:
    """Solve in this process, stage by stage, within about `wall_s` seconds.

    A stage that runs out of time keeps the best found and its bound, and is not called proven.
    HiGHS may pass its limit inside a long linear program: callers that must return on time use
    `solve_in_child`. Raises SolverFailed when an answer contradicts its own objective.
    """
    began = time.perf_counter()
    lookup = Lookup(problem)
    pairs = eligible_pairs(lookup)
    ledger = Ledger(lookup)
    fill(lookup, ledger, pairs)
    taken = dict(ledger.taken)
    values = stage_values(lookup, taken)
    bounds = list(easy_bounds(lookup, pairs))
    stages = problem.policy.stages
    model = Model(lookup, Ledger(lookup), pairs)
    held = stage_values(lookup, model.ledger.taken)
    for at, stage in enumerate(stages):
        if on_stage is not None:
            on_stage(Progress(stage_label(stage), at, len(stages)))
        costs = model.objective(stage)
        if values[at] < bounds[at]:
            left = wall_s - (time.perf_counter() - began)
            share = left if at == len(stages) - 1 else left / 2
            answer = maximise(model.rows, costs, start=model.start(taken), wall_s=share)
            if answer.infeasible:
                raise SolverFailed(f"the stage {stage} lost its own start")
            if answer.columns is not None:
                found = model.taken(answer.columns)
                better = stage_values(lookup, found)
                if better[: at + 1] >= values[: at + 1]:
                    taken, values = found, better
            bounds[at] = max(values[at], min(bounds[at], int(min(answer.bound, 1e15)) + held[at]))
        if costs:
            model.rows.row(costs, least=values[at] - held[at])
    if on_stage is not None:
        on_stage(Progress("完了", len(stages), len(stages)))
    return build_plan(
        lookup,
        pairs,
        taken,
        bounds=bounds,
        backend="highs",
        stopped="optimal",
        versions={"highs": highs_version()},
        seconds=time.perf_counter() - began,
    )
