"""Shifts and swaps for small generalized assignments, all of them looked at in every step.

A job goes to another agent, two jobs change places, or a job puts another one out, which goes
where that costs least; the best of all these is taken, also when it makes the assignment dearer,
and a job may not come back for a few steps. Capacities may be exceeded at a fine that rises while
they are and falls while they are not (Díaz and Fernández, "A tabu search heuristic for the
generalized assignment problem", 2001).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .gapprices import Ints, Tables

AWAY = (2, 6)  # steps that a job stays away from an agent: drawn from here, the end not included
RISE, FALL = 1.02, 0.9  # of the fine, in every step outside and within the capacities
FINES = (0.05, 1e4)
STEP_CELLS = 2_000  # what a step costs beside its pairs of jobs, in these
NEVER = np.float32(1e12)

Singles = NDArray[np.float32]


class Swaps:
    """A search that can be run from many assignments one after the other; `cells` counts the
    pairs of jobs that were looked at."""

    def __init__(self, tables: Tables, seed: int) -> None:
        self.tables = tables
        self.rng = np.random.default_rng(seed)
        self.costs: Singles = np.where(tables.fits, tables.costs, NEVER).astype(np.float32)
        self.loads: Singles = tables.loads.astype(np.float32)
        self.most: Singles = tables.most.astype(np.float32)
        paid = tables.prices[tables.prices > 0]
        self.first_fine = self.fine = 2.0 * float(paid.mean()) if len(paid) else 1.0
        self.cells = 0

    def run(self, to: Ints, steps: int) -> Ints | None:
        """The cheapest assignment within all capacities on the way of so many steps from `to`,
        which may exceed them; None where there was none."""
        self._begin(to)
        best, best_cost = None, np.inf
        for step in range(steps):
            self._come_back(step)
            moves = self._best_moves()
            if not moves:
                continue
            left = [(job, int(self.to[job])) for job, _ in moves]
            for job, agent in moves:
                self._move(job, agent)
            for job, agent in left:
                self._stay_away(job, agent, step)
            if (self.used > self.tables.most).any():
                self.fine = min(FINES[1], self.fine * RISE)
                continue
            self.fine = max(FINES[0], self.fine * FALL)
            cost = int(self.own_costs.sum())
            if cost < best_cost and bool(self.tables.fits[self.to, self.tables.every].all()):
                best, best_cost = self.to.copy(), cost
        self.cells += steps * (self.tables.jobs**2 + STEP_CELLS)
        return best

    def _begin(self, to: Ints) -> None:
        tables = self.tables
        self.to = to.copy()
        self.own_costs, self.own_loads = (t[to, tables.every] for t in (tables.costs, tables.loads))
        self.used = tables.used(to)
        self.fine = self.first_fine
        self.open: Singles = self.costs.copy()  # NEVER where the job must stay away
        self.away: dict[int, list[tuple[int, int]]] = {}
        self.until: Ints = np.full(tables.costs.shape, -1)
        # What job j costs more, and puts on the agent more, in the place of job k.
        self.dearer: Singles = (self.open[to].T - self.own_costs[:, None]).astype(np.float32)
        self.dearer[to[:, None] == to[None, :]] = NEVER
        self.heavier: Singles = (self.loads[to].T - self.own_loads[None, :]).astype(np.float32)

    def _stay_away(self, job: int, agent: int, step: int) -> None:
        until = step + int(self.rng.integers(*AWAY))
        self.away.setdefault(until, []).append((job, agent))
        self.until[agent, job] = until
        self.open[agent, job] = NEVER
        self.dearer[job, self.to == agent] = NEVER

    def _come_back(self, step: int) -> None:
        for job, agent in self.away.pop(step, ()):
            if self.until[agent, job] == step:
                self.open[agent, job] = cost = self.costs[agent, job]
                if self.to[job] != agent:
                    self.dearer[job, self.to == agent] = cost - self.own_costs[job]

    def _move(self, job: int, agent: int) -> None:
        tables, to = self.tables, self.to
        self.used[to[job]] -= self.own_loads[job]
        to[job] = agent
        self.own_costs[job] = tables.costs[agent, job]
        self.own_loads[job] = tables.loads[agent, job]
        self.used[agent] += self.own_loads[job]
        going = self.open[:, job] - self.own_costs[job]
        going[agent] = NEVER
        self.dearer[job] = going[to]
        self.heavier[job] = self.loads[:, job][to] - self.own_loads
        coming = self.open[agent] - self.own_costs
        coming[to == agent] = NEVER
        self.dearer[:, job] = coming
        self.heavier[:, job] = self.loads[agent] - self.own_loads[job]

    def _best_moves(self) -> list[tuple[int, int]]:
        """Jobs with their new agents; none where every job must stay."""
        to, every, fine = self.to, self.tables.every, np.float32(self.fine)
        slack = (self.most - self.used).astype(np.float32)
        over = np.maximum(0, -slack)
        own_over = over[to]
        without = np.maximum(0, -slack[to] - self.own_loads.astype(np.float32))
        relief = fine * (without - own_over)
        alone = self._alone(slack, over, fine)
        agent = alone.argmin(axis=0)
        lands = alone[agent, every]
        shift = lands + relief
        single = int(shift.argmin())
        # Job j in the place of job k, the other one not yet anywhere.
        table = self.heavier - slack[to]
        np.maximum(table, 0, out=table)
        table -= own_over
        table *= fine
        table += self.dearer
        both = table + table.T
        swap = int(both.argmin())
        table += lands
        table += relief[:, None]
        chain = int(table.argmin())
        worth = (float(both.flat[swap]), float(shift[single]), float(table.flat[chain]))
        best = min(worth)
        if best > NEVER / 2:
            return []
        if best == worth[0]:
            one, two = divmod(swap, len(to))
            return [(one, int(to[two])), (two, int(to[one]))]
        if best == worth[1]:
            return [(single, int(agent[single]))]
        one, two = divmod(chain, len(to))
        return [(one, int(to[two])), (two, int(agent[two]))]

    def _alone(self, slack: Singles, over: Singles, fine: np.float32) -> Singles:
        """What every job costs more with every agent, beside the relief where it is now."""
        table: Singles = self.loads - slack[:, None]
        np.maximum(table, 0, out=table)
        table -= over[:, None]
        table *= fine
        table += self.open
        table -= self.own_costs.astype(np.float32)
        table[self.to, self.tables.every] = NEVER
        return table
