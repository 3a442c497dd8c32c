"""Chains of many moves for generalized assignment, all of them looked at together.

A job goes to another agent, a job of that agent to a third and so on, until one finds room or
comes back to where the first one left: a chain or ring of moves that keeps every agent within its
capacity. Over the columns that lose little at the prices, the best such chain to every column is
found a move at a time, for all of them in a few numpy passes. After the cyclic exchanges of Ahuja,
Orlin and Sharma ("Multi-exchange neighborhood structures", 2001). Steps are counted, so that the
same number of them finds the same assignment on any machine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .gapprices import Floats, Ints, Tables

MOVES = 6  # of a chain, at most
REACHES = (0.1, 1.0, 0.5)  # how far a chain may be in debt on its way, in turn
NOISE = 0.08  # so that chains of equal worth are not always the same ones
CLOSINGS = 30  # chains of a length that are tried, the best
NEVER = 10**9
SLIGHT = 1e-9


def near(tables: Tables, per_job: float, to: Ints | None = None) -> NDArray[np.bool_]:
    """The columns that lose least at the prices, at most so many a job (more only where so many
    lose nothing at all), and those of an assignment."""
    regret = np.where(tables.fits, tables.regret, np.inf)
    count = min(regret.size - 1, round(per_job * tables.jobs))
    limit = float(np.partition(regret, count, axis=None)[count])
    below = regret < limit - SLIGHT
    keep: NDArray[np.bool_] = below if below.any(axis=0).all() else regret <= SLIGHT
    if to is not None:
        keep[to, tables.every] = True
    return keep


@dataclass(slots=True)
class Round:
    """What one step works with: columns by the agent they leave (`leaving`, -1 where there is
    none), with the load that goes and what going costs; whether a column entering an agent has
    room when another leaves."""

    moving: NDArray[np.bool_]
    loses: Floats
    leaving: Ints
    leaving_costs: Floats
    room: NDArray[np.bool_]
    slack: Ints


class Rings:
    """An assignment within all capacities that never becomes dearer."""

    def __init__(self, tables: Tables, to: Ints, per_job: float, seed: int) -> None:
        self.tables = tables
        self.rng = np.random.default_rng(seed)
        self.agent, self.job = np.nonzero(near(tables, per_job, to))
        self.load = tables.loads[self.agent, self.job]
        self.cost_of = tables.costs[self.agent, self.job]
        self.paid = tables.prices[self.agent] * self.load
        self.entering = _by_group(self.agent, np.arange(len(self.agent)), tables.agents)
        self.entering_loads = np.where(self.entering >= 0, self.load[self.entering], NEVER)
        self.steps = 0
        self.to, self.used, self.cost = to.copy(), tables.used(to), tables.cost(to)

    @property
    def cells(self) -> int:
        """What a step costs: entering × leaving columns of all agents, about."""
        return int(self.entering.size * self.entering.shape[1])

    def next(self) -> None:
        """The next step, each with another reach."""
        self.step(REACHES[self.steps % len(REACHES)])
        self.steps += 1

    def step(self, reach: float) -> None:
        """Take the best chains that touch no agent twice; those that change no cost too, so that
        the next step begins elsewhere. `reach` in shares of what an agent loses on average."""
        unit = max(SLIGHT, (self.cost - self.tables.prices_bound) / self.tables.agents)
        now = self._round(NOISE * unit)
        worth = np.where(now.moving, now.loses, np.inf)
        worth[worth >= reach * unit] = np.inf
        start = self.job.copy()
        before: list[Ints] = []
        found: list[tuple[float, int, int]] = []
        for length in range(MOVES):
            if not np.isfinite(worth).any():
                break
            found += self._closings(now, worth, start, length, NOISE * unit * (length + 1))
            if length < MOVES - 1:
                worth, came = self._onward(now, worth)
                worth[worth >= reach * unit] = np.inf
                start = np.where(came >= 0, start[came], start)
                before.append(came)
        self._take(sorted(found), before)

    def _round(self, noise: float) -> Round:
        tables, to = self.tables, self.to
        own_regret, own_load = tables.regret[to, tables.every], tables.loads[to, tables.every]
        source = to[self.job]
        moving = source != self.agent
        loses = self.tables.regret[self.agent, self.job] - own_regret[self.job]
        loses = loses + self.rng.random(len(loses)) * noise
        goes = np.flatnonzero(moving)
        leaving = _by_group(source[goes], goes, tables.agents)
        there = leaving >= 0
        loads = np.where(there, own_load[self.job[leaving]], -NEVER)
        costs = np.where(there, loses[leaving] + tables.prices[:, None] * loads, np.inf)
        slack = tables.most - self.used
        room = self.entering_loads[:, :, None] <= slack[:, None, None] + loads[:, None, :]
        room &= moving[self.entering][:, :, None]
        return Round(moving, loses, leaving, costs, room, slack)

    def _onward(self, now: Round, worth: Floats) -> tuple[Floats, Ints]:
        """The best chain to every column one move longer, and the column it comes from."""
        into = np.where(self.entering >= 0, (worth - self.paid)[self.entering], np.inf)
        table = np.where(now.room, into[:, :, None], np.inf)
        at = table.argmin(axis=1)
        best = np.take_along_axis(table, at[:, None, :], 1)[:, 0, :] + now.leaving_costs
        there = now.leaving >= 0
        further = np.full(len(worth), np.inf)
        came = np.full(len(worth), -1)
        further[now.leaving[there]] = best[there]
        came[now.leaving[there]] = np.take_along_axis(self.entering, at, 1)[there]
        return further, came

    def _closings(
        self, now: Round, worth: Floats, start: Ints, length: int, most: float
    ) -> list[tuple[float, int, int]]:
        """Chains that can end here: cost, moves before the last, last column."""
        first, freed = self.to[start], self.tables.loads[self.to[start], start]
        back = self.agent == first
        room = now.slack[self.agent] + np.where(back, freed, 0)
        total = worth + self.tables.prices[first] * freed - self.paid
        ends = np.isfinite(worth) & (self.load <= room) & (total < most)
        if not length:
            ends &= ~back
        at = np.flatnonzero(ends)
        at = at[np.argsort(total[at], kind="stable")[:CLOSINGS]]
        return [(float(total[c]), length, int(c)) for c in at]

    def _take(self, found: list[tuple[float, int, int]], before: list[Ints]) -> None:
        touched: set[int] = set()
        for _, length, last in found:
            chain = [last]
            for came in reversed(before[:length]):
                chain.append(int(came[chain[-1]]))
            jobs = self.job[chain]
            agents = {*self.agent[chain].tolist(), *self.to[jobs].tolist()}
            twice = len(set(jobs.tolist())) < len(jobs) or bool(agents & touched)
            if not twice and self._move(np.array(chain), jobs):
                touched |= agents

    def _move(self, chain: Ints, jobs: Ints) -> bool:
        """Move the jobs when the assignment still fits and is no dearer; whether it was."""
        tables, source = self.tables, self.to[jobs]
        used = self.used.copy()
        np.add.at(used, self.agent[chain], self.load[chain])
        np.subtract.at(used, source, tables.loads[source, jobs])
        cost = int((self.cost_of[chain] - tables.costs[source, jobs]).sum())
        if cost > 0 or bool((used > tables.most).any()):
            return False
        self.to[jobs], self.used, self.cost = self.agent[chain], used, self.cost + cost
        return True


def _by_group(group: Ints, members: Ints, groups: int) -> Ints:
    """The members side by side in the row of their group, -1 behind the last."""
    order = np.argsort(group, kind="stable")
    count = np.bincount(group, minlength=groups)
    table = np.full((groups, max(1, int(count.max(initial=0)))), -1)
    column = np.arange(len(group)) - np.repeat(np.cumsum(count) - count, count)
    table[group[order], column] = members[order]
    return table


__all__ = ["Rings", "near"]
