"""Chains of moves for generalized assignment: a job goes to another agent, and a job of that
agent goes on to a third or back, every such chain of a job looked at in one numpy pass.

After the ejection chains of Yagiura, Ibaraki and Glover ("An ejection chain approach for the
generalized assignment problem", 2004): capacities may be exceeded at a price that rises while
they are and falls while they are not.
"""

from __future__ import annotations

import random
import time

import numpy as np

from .gapprices import Floats, Ints, Tables

CHOICES = 5  # agents a put-out job may go on to: those it costs least at the prices
KICK = 2
LOOKED_BETWEEN_CLOCKS = 64
BETWEEN_PRICES = 20
PATIENCE = 10
NEVER = 1e12
SLIGHT = 1e-9


class Chains:
    """A search from one assignment; `best` is the cheapest within all capacities so far."""

    def __init__(self, tables: Tables, to: Ints, seed: int) -> None:
        self.tables = tables
        self.rng = random.Random(seed)  # noqa: S311 (a search, not a secret)
        self.costs, self.loads = tables.costs.astype(float), tables.loads.astype(float)
        self.costs[~tables.fits] = NEVER
        self.most = tables.most.astype(float)
        ranked = np.where(tables.fits, tables.regret, np.inf)
        count = min(CHOICES, tables.agents)
        self.near = np.ascontiguousarray(np.argsort(ranked, axis=0, kind="stable")[:count])
        self.near_costs = np.take_along_axis(self.costs, self.near, 0)
        self.near_loads = np.take_along_axis(self.loads, self.near, 0)
        paid = tables.prices[tables.prices > 0]
        self.fines = np.full(tables.agents, 2.0 * float(paid.mean()) if len(paid) else 1.0)
        self.best: Ints | None = None
        self.best_cost = np.inf
        self.looked = 0
        self.late = False
        self._set(to)

    def _set(self, to: Ints) -> None:
        self.to = to.copy()
        self.own_costs = self.costs[to, self.tables.every]
        self.own_loads = self.loads[to, self.tables.every]
        used = np.bincount(to, weights=self.own_loads, minlength=self.tables.agents)
        self.used: Floats = used.astype(float)

    def _move(self, job: int, agent: int) -> None:
        self.used[self.to[job]] -= self.own_loads[job]
        self.to[job] = agent
        self.own_costs[job] = self.costs[agent, job]
        self.own_loads[job] = self.loads[agent, job]
        self.used[agent] += self.own_loads[job]

    def _over(self) -> Floats:
        over: Floats = np.maximum(0.0, self.used - self.most)
        return over

    def _fined(self) -> float:
        return float(self.own_costs.sum() + (self.fines * self._over()).sum())

    def run(self, looks: int, until: float) -> None:
        """Kick, descend, keep what is not dearer, until so many jobs were looked at or the bound
        is met; while nothing within all capacities was found, ten times as many. The clock ends
        it at `until`, which is told by `late`."""
        self._make_room(PATIENCE * looks, until)
        current, current_cost = self.to.copy(), self._fined()
        inside = kicks = 0
        while self.best_cost > self.tables.least and not self.late:
            if self.looked >= (looks if self.best is not None else PATIENCE * looks):
                return
            kicks += 1
            self._descend(self._kick(), until)
            inside += self._note()
            if self._fined() <= current_cost + SLIGHT:
                current, current_cost = self.to.copy(), self._fined()
            else:
                self._set(current)
            if kicks % BETWEEN_PRICES == 0:
                over = self._over() > 0
                if over.any():
                    self.fines *= np.where(over, 1.22, 1.02)
                elif inside > BETWEEN_PRICES // 2:
                    self.fines *= 0.95
                inside, current_cost = 0, self._fined()

    def _make_room(self, looks: int, until: float) -> None:
        """What the prices placed is as cheap as can be: overfull agents give way, at fines that
        rise for them until they do."""
        while not self._note() and not self.late and self.looked < looks:
            over = self._over() > 0
            self._descend(np.nonzero(over[self.to])[0].tolist(), until)
            self.fines *= np.where(self._over() > 0, 1.5, 1.0)

    def _note(self) -> bool:
        """Remember the assignment when it fits and is the best; whether it fits."""
        if self._over().any() or self.own_costs.max() >= NEVER:
            return False
        cost = float(self.own_costs.sum())
        if cost < self.best_cost:
            self.best, self.best_cost = self.to.copy(), cost
        return True

    def _kick(self) -> list[int]:
        """Send a few jobs to other agents; the jobs of all agents concerned."""
        touched: set[int] = set()
        for _ in range(KICK):
            job = self.rng.randrange(self.tables.jobs)
            agent = int(self.near[self.rng.randrange(len(self.near)), job])
            if self.tables.fits[agent, job]:
                touched |= {int(self.to[job]), agent}
                self._move(job, agent)
        jobs: list[int] = np.nonzero(np.isin(self.to, list(touched)))[0].tolist()
        return jobs

    def _descend(self, jobs: list[int], until: float) -> None:
        """Take the best chain of each waiting job while it saves; jobs of the agents it touches
        wait again."""
        waits = np.zeros(self.tables.jobs, dtype=bool)
        waits[jobs] = True
        waiting = list(jobs)
        self.rng.shuffle(waiting)
        while waiting:
            if self.looked % LOOKED_BETWEEN_CLOCKS == 0 and time.perf_counter() > until:
                self.late = True
                return
            job = waiting.pop()
            waits[job] = False
            saves, agent, other, onward = self._look(job)
            if saves >= -SLIGHT:
                continue
            touched = [int(self.to[job]), agent]
            self._move(job, agent)
            if other >= 0:
                self._move(other, onward)
                touched.append(onward)
            again = np.nonzero(np.isin(self.to, touched) & ~waits)[0].tolist()
            self.rng.shuffle(again)
            waits[again] = True
            waiting += again

    def _look(self, job: int) -> tuple[float, int, int, int]:
        """The best chain that begins with the job: what it changes, the job's new agent, and the
        job put out with its new agent (-1 where nobody is put out)."""
        self.looked += 1
        here, to, fines = int(self.to[job]), self.to, self.fines
        slack = self.most - self.used
        before = max(0.0, -float(slack[here]))
        slack[here] += self.own_loads[job]
        over = np.maximum(0.0, -slack)
        loads = self.loads[:, job]
        first = self.costs[:, job] - self.own_costs[job] + fines[here] * (over[here] - before)
        first[here] = NEVER
        alone = first + fines * (np.maximum(0.0, loads - slack) - over)
        agent = int(alone.argmin())
        # Every other job put out by this one, and every agent near to it.
        base = first[to] - self.own_costs
        base += fines[to] * (np.maximum(0.0, loads[to] - self.own_loads - slack[to]) - over[to])
        base[job] = NEVER
        table = self.near_loads - slack[self.near]
        np.maximum(table, 0.0, out=table)
        table -= over[self.near]
        table *= fines[self.near]
        table += self.near_costs
        table += base
        table[self.near == to] = NEVER
        at = int(table.argmin())
        if table.flat[at] < alone[agent]:
            row, other = divmod(at, self.tables.jobs)
            return float(table.flat[at]), int(to[other]), other, int(self.near[row, other])
        return float(alone[agent]), agent, -1, -1
