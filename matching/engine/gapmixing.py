"""Assignments of small generalized assignment instances mixed with each other.

Where programs stay far above the bound (costs that fall as loads rise), good assignments share
the jobs of single agents. The relaxation that prices jobs says of every agent how far its jobs
are from the best it could do at these prices; what an assignment costs above the bound is the sum
of that over the agents. So a mixture takes, agent by agent, the jobs of the parent that loses
less there, and shifts and swaps mend it. The first assignments are the relaxation's own, on its
way to its prices. All steps are counted.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from math import inf

import numpy as np

from .gapprices import Floats, Ints, Tables
from .gapswaps import Swaps

KEPT = 12  # assignments that are mixed
STEPS, STEPS_PER_JOB = 150, 2  # of shifts and swaps that mend one, at most
PATIENCE = 60  # assignments in a row that are not worth keeping: then it ends
DOUBT = (0.5, 1.5)  # the losses are drawn between these shares of themselves


class Mixing:
    """Assignments within all capacities, the cheapest first."""

    def __init__(self, tables: Tables, first: Ints, seed: int) -> None:
        self.tables = tables
        self.rng = np.random.default_rng(seed)
        self.swaps = Swaps(tables, seed)
        self.kept: list[tuple[int, list[int]]] = []
        self.late = False
        self._keep(first)

    @property
    def best(self) -> Ints:
        """The cheapest assignment so far."""
        return np.array(self.kept[0][1])

    def run(self, drafts: Sequence[Ints], cells: int, until: float) -> None:
        """Mend the drafts, then mix, until so many pairs of jobs were looked at or the bound is
        met. The clock ends it at `until`, which is told by `late`."""
        waiting, stale = list(reversed(drafts)), 0
        steps = min(STEPS, STEPS_PER_JOB * self.tables.jobs)
        while self.swaps.cells < cells and stale < PATIENCE:
            self.late |= time.perf_counter() > until
            met = self.kept[0][0] <= self.tables.least
            if self.late or met or (not waiting and len(self.kept) < 2):
                return
            draft = waiting.pop() if waiting else self._mixture()
            mended = self.swaps.run(draft, steps)
            stale = 0 if mended is not None and self._keep(mended) else stale + 1

    def _keep(self, to: Ints) -> bool:
        entry = (self.tables.cost(to), to.tolist())
        if entry not in self.kept:
            self.kept = sorted([*self.kept, entry])[:KEPT]
            return entry in self.kept
        return False

    def _lost(self, to: Ints) -> Floats:
        """What each agent loses against the best it could do, drawn about that."""
        tables = self.tables
        worth = tables.wages - tables.costs[to, tables.every]
        lost = tables.worths - np.bincount(to, weights=worth, minlength=tables.agents)
        drawn: Floats = lost * self.rng.uniform(*DOUBT, tables.agents)
        return drawn

    def _mixture(self) -> Ints:
        """The jobs of every agent from the parent that loses less there, those that lose least
        first; what neither gives stays with one of its agents there."""
        one, two = self.rng.choice(len(self.kept), 2, replace=False)
        parents = [np.array(self.kept[at][1]) for at in (int(one), int(two))]
        losses = [self._lost(parent) for parent in parents]
        child: Ints = np.full(self.tables.jobs, -1)
        for agent in np.argsort(np.minimum(*losses), kind="stable").tolist():
            parent = parents[0] if losses[0][agent] < losses[1][agent] else parents[1]
            child[(parent == agent) & (child < 0)] = agent
        rest = child < 0
        child[rest] = np.where(self.rng.random(int(rest.sum())) < 0.5, *(p[rest] for p in parents))
        return child


def far_from(cost: float, bound: float, share: float) -> bool:
    """Whether a cost is further above the bound than this share of it."""
    return bound > -inf and cost - bound > share * abs(bound)
