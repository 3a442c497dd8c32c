"""Staged solving over all loads: each stage is fixed before the next one is improved."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from math import inf

from .greedy import fill
from .highs import maximise, relax
from .ledger import Ledger
from .loads import Load, TooManyLoads
from .lookup import Lookup, Pair
from .master import Master, spaces_of, tight_budgets
from .stages import Taken, bound_over, factors_of, stage_label, stage_values
from .types import Progress, SolverFailed

OnStage = Callable[[Progress], None]
MOST_LOADS = 60_000
STAGE_NODES = 20_000
START_NODES = 200
START_GAP = 1e-5
START_LOADS_PER_NEED = 4
REDUCED_TOLERANCE = 1e-3
SHORTEST_S = 0.05  # of one step when the time is up


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
    on_best: Callable[[Staged], None] | None = None,
) -> Staged:
    """The best pairs on top of `held`, stage by stage, and the bound of each stage.

    `start` is a set of pairs known to fit, `bounds` are bounds known beforehand. A stage that
    ends at its limit of nodes or time keeps the best found and its bound. `on_best` is called
    before every stage, with what is at hand.
    Raises SolverFailed when an answer contradicts its own objective, or a bound the plan.
    """
    until = time.perf_counter() + wall_s
    if loads is None:
        loads = all_loads(lookup, held, pairs)
    master = Master(lookup, held, loads, tight_budgets(lookup, held, pairs))
    staged = Staged(master, start, bounds, until)
    stages = lookup.problem.policy.stages
    if any(value < bound for value, bound in zip(staged.values, staged.bounds, strict=True)):
        staged.begin()
    for at, stage in enumerate(stages):
        if on_best is not None:
            on_best(staged)
        if on_stage is not None:
            on_stage(Progress(stage_label(stage), at, len(stages)))
        if staged.open(at):
            staged.relax(at)
        if staged.open(at):
            staged.improve(at)
        staged.hold(at)
    return staged


class Staged:
    """A plan made better stage by stage. `late` says that the clock ended a step on the way, also
    one that a proof followed: then another run, or another machine, may find another plan."""

    def __init__(self, master: Master, start: Taken, bounds: Sequence[int], until: float) -> None:
        """`until` is the time on the performance counter at which to end."""
        self.master, self.lookup, self.until = master, master.lookup, until
        self.stages = self.lookup.problem.policy.stages
        self.base = stage_values(self.lookup, master.ledger.taken)
        self.taken, self.values = dict(start), stage_values(self.lookup, start)
        self.bounds = list(bounds)
        self.late = False

    def left(self) -> float:
        """Seconds left, never less than a short moment."""
        return max(SHORTEST_S, self.until - time.perf_counter())

    def open(self, at: int) -> bool:
        """Whether the stage could be better for all that is known."""
        return self.values[at] < self.bounds[at]

    def begin(self) -> None:
        """A good plan for all stages at once, from the loads the relaxation likes best; it takes
        half of the time at most."""
        master, half = self.master, time.perf_counter() + self.left() / 2
        costs = master.combined(factors_of(self.stages))
        start = master.start(self.taken)
        relaxed = relax(master.rows, costs, wall_s=half - time.perf_counter())
        self.late |= relaxed.late
        if not relaxed.reduced:
            return
        ranked = sorted(master.z, key=lambda z: (-relaxed.reduced[z], z))
        kept = START_LOADS_PER_NEED * len(master.need_row)
        answer = maximise(
            master.rows,
            costs,
            start=start,
            wall_s=half - time.perf_counter(),
            nodes=START_NODES,
            relative_gap=START_GAP,
            closed=[z for z in ranked[kept:] if start is None or not start[z]],
        )
        self.late |= answer.late
        if answer.columns is None:
            return
        found = {**master.ledger.taken, **master.chosen(answer.columns)}
        if stage_values(self.lookup, found) > self.values:
            self.taken, self.values = found, stage_values(self.lookup, found)

    def relax(self, at: int) -> None:
        """The bound of the linear relaxation; loads that cannot be in a plan as good as the one
        at hand are closed."""
        master, stage = self.master, self.stages[at]
        relaxed = relax(master.rows, master.objective(stage), wall_s=self.left())
        self.late |= relaxed.late
        if relaxed.infeasible:
            raise SolverFailed(f"the stage {stage} lost its own start")
        if not relaxed.reduced:
            return
        self._bound(at, int(relaxed.bound))
        # A plan with such a load falls below what is in hand, here and later on.
        slack = relaxed.value - (self.values[at] - self.base[at]) + REDUCED_TOLERANCE
        master.rows.close(z for z in master.z if -relaxed.reduced[z] > slack)

    def improve(self, at: int) -> None:
        """The whole program of a stage, within its nodes and half of the time that is left."""
        master, stage = self.master, self.stages[at]
        left = self.left()
        answer = maximise(
            master.rows,
            master.objective(stage),
            start=master.start(self.taken),
            wall_s=left if at == len(self.stages) - 1 else left / 2,
            nodes=STAGE_NODES,
        )
        self.late |= answer.late
        if answer.infeasible:
            raise SolverFailed(f"the stage {stage} lost its own start")
        if answer.columns is not None:
            found = {**master.ledger.taken, **master.chosen(answer.columns)}
            values = stage_values(self.lookup, found)
            if values[: at + 1] >= self.values[: at + 1]:
                self.taken, self.values = found, values
        if answer.bound < inf:
            self._bound(at, int(answer.bound))

    def _bound(self, at: int, bound: int) -> None:
        """A bound of a stage, on top of the held pairs."""
        known = min(self.bounds[at], bound + self.base[at])
        self.bounds[at] = bound_over(self.stages[at], self.values[at], known)

    def hold(self, at: int) -> None:
        """No later stage may cost this one anything."""
        self.master.hold(self.stages[at], self.values[at] - self.base[at])


def start_of(lookup: Lookup, pairs: Sequence[Pair]) -> dict[tuple[int, int], int]:
    """The quick plan's pairs, as a start."""
    ledger = Ledger(lookup)
    fill(lookup, ledger, pairs)
    return dict(ledger.taken)


__all__ = ["MOST_LOADS", "TooManyLoads", "all_loads", "solve_stages", "start_of"]
