"""Staged solving over all loads: each stage is fixed before the next one is improved."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from .greedy import fill
from .highs import maximise, relax
from .ledger import Ledger
from .loads import Load, TooManyLoads
from .lookup import Lookup, Pair
from .master import Master, spaces_of, tight_budgets
from .stages import Taken, factors_of, stage_label, stage_values
from .types import Progress, SolverFailed

OnStage = Callable[[Progress], None]
MOST_LOADS = 60_000
STAGE_NODES = 20_000
START_NODES = 200
START_GAP = 1e-5
START_LOADS_PER_NEED = 4
REDUCED_TOLERANCE = 1e-3


def all_loads(
    lookup: Lookup, ledger: Ledger, pairs: Sequence[Pair], limit: int = MOST_LOADS
) -> list[Load]:
    """Every load of every person on top of the ledger. Raises TooManyLoads beyond `limit`."""
    loads: list[Load] = []
    for space in spaces_of(lookup, ledger, pairs):
        loads += space.all_loads(limit - len(loads))
    return loads


def solve_stages(
    lookup: Lookup,
    held: Ledger,
    pairs: Sequence[Pair],
    start: Taken,
    bounds: Sequence[int],
    *,
    wall_s: float,
    loads: Sequence[Load] | None = None,
    on_stage: OnStage | None = None,
) -> tuple[dict[tuple[int, int], int], list[int]]:
    """The best pairs on top of `held`, stage by stage, and the bound of each stage.

    `start` is a set of pairs known to fit, `bounds` are bounds known beforehand. A stage that
    ends at its limit of nodes or time keeps the best found and its bound.
    Raises SolverFailed when an answer contradicts its own objective.
    """
    until = time.perf_counter() + wall_s
    stages = lookup.problem.policy.stages
    taken, values, bounds = dict(start), stage_values(lookup, start), list(bounds)
    base = stage_values(lookup, held.taken)
    if loads is None:
        loads = all_loads(lookup, held, pairs)
    master = Master(lookup, held, loads, tight_budgets(lookup, held, pairs))
    if any(value < bound for value, bound in zip(values, bounds, strict=True)):
        found = _first(master, taken, wall_s / 2)
        if found is not None and stage_values(lookup, found) > values:
            taken, values = found, stage_values(lookup, found)
    for at, stage in enumerate(stages):
        if on_stage is not None:
            on_stage(Progress(stage_label(stage), at, len(stages)))
        if values[at] < bounds[at]:
            relaxed = relax(master.rows, master.objective(stage), wall_s=wall_s)
            if relaxed.infeasible:
                raise SolverFailed(f"the stage {stage} lost its own start")
            if relaxed.reduced:
                bounds[at] = max(values[at], min(bounds[at], int(relaxed.bound) + base[at]))
                # A plan with such a load falls below what is in hand, here and later on.
                slack = relaxed.value - (values[at] - base[at]) + REDUCED_TOLERANCE
                master.rows.close(z for z in master.z if -relaxed.reduced[z] > slack)
        if values[at] < bounds[at]:
            left = until - time.perf_counter()
            answer = maximise(
                master.rows,
                master.objective(stage),
                start=master.start(taken),
                wall_s=left if at == len(stages) - 1 else left / 2,
                nodes=STAGE_NODES,
            )
            if answer.infeasible:
                raise SolverFailed(f"the stage {stage} lost its own start")
            if answer.columns is not None:
                found = {**held.taken, **master.chosen(answer.columns)}
                better = stage_values(lookup, found)
                if better[: at + 1] >= values[: at + 1]:
                    taken, values = found, better
            if answer.bound < bounds[at] - base[at]:
                bounds[at] = int(answer.bound) + base[at]
            bounds[at] = max(bounds[at], values[at])
        master.hold(stage, values[at] - base[at])
    return taken, bounds


def _first(master: Master, taken: Taken, wall_s: float) -> dict[tuple[int, int], int] | None:
    """A good plan for all stages at once, from the loads the relaxation likes best."""
    costs = master.combined(factors_of(master.lookup.problem.policy.stages))
    start = master.start(taken)
    relaxed = relax(master.rows, costs, wall_s=wall_s)
    if not relaxed.reduced:
        return None
    ranked = sorted(master.z, key=lambda z: (-relaxed.reduced[z], z))
    kept = START_LOADS_PER_NEED * len(master.need_row)
    closed = [z for z in ranked[kept:] if start is None or not start[z]]
    answer = maximise(
        master.rows,
        costs,
        start=start,
        wall_s=wall_s,
        nodes=START_NODES,
        relative_gap=START_GAP,
        closed=closed,
    )
    if answer.columns is None:
        return None
    return {**master.ledger.taken, **master.chosen(answer.columns)}


def start_of(lookup: Lookup, pairs: Sequence[Pair]) -> dict[tuple[int, int], int]:
    """The quick plan's pairs, as a start."""
    ledger = Ledger(lookup)
    fill(lookup, ledger, pairs)
    return dict(ledger.taken)


__all__ = ["MOST_LOADS", "TooManyLoads", "all_loads", "solve_stages", "start_of"]
