"""Generalized assignment too large to solve whole: prices, chains of moves, small programs.

Prices of the capacities tell what a job loses with each agent. Chains of moves make a good
assignment; then groups of agents exchange all their jobs by small programs over the columns that
lose least, which is where good assignments are; last the bound is made better.
"""

from __future__ import annotations

import time
from math import inf

import numpy as np
from numpy.typing import NDArray

from .gap import Gap
from .gapchains import Chains
from .gapprices import Floats, Ints, Tables
from .highs import maximise
from .rows import Rows

CHAINS_SHARE = 0.12
BOUND_SHARE = 0.15
WHOLE_SHARE = 0.3
CORE_PER_JOB = 10  # with more columns than that left, exchanges find more than the whole program
SMALL_COLUMNS = 4_500
GROUP_JOBS = 100
MOST_JOBS = 250
GAIN_SOUGHT = 3.0  # cost above the bound that a group should hold between its agents
GROUP_NODES = 50
COLUMNS_PER_JOB = (1.4, 3.2)  # of a group's program: drawn between these
LONGEST_S = 2.0
SLACK = 1e-6
LAST_RESORT_S = 10.0


def search_gap(
    instance: Gap, *, wall_s: float, seed: int = 0
) -> tuple[list[int] | None, int | None]:
    """An agent for each job (None where no assignment was found), and a bound for the least
    cost (None where there is no assignment at all), within about `wall_s` seconds."""
    began = time.perf_counter()
    until = began + wall_s
    tables = Tables(instance)
    if not tables.fits.any(axis=0).all():
        return None, None  # some job fits nowhere
    least_loads = np.array(instance.loads).min(axis=0).sum()
    if least_loads > sum(instance.capacities):
        return None, None  # however they are given out
    tables.relax(began + wall_s / 2)
    chains = Chains(tables, _start(tables), seed)
    chains.run(time.perf_counter() + wall_s * CHAINS_SHARE, until)
    to = chains.best
    if to is None:
        to, impossible = _solved(tables)
        if to is None:
            return None, None if impossible else tables.least
    exchanges = Exchanges(tables, to, seed)
    last = until - wall_s * BOUND_SHARE
    if tables.costs.size <= SMALL_COLUMNS:
        exchanges.run(last - wall_s * WHOLE_SHARE)
        if exchanges.cost > tables.least and exchanges.core().sum() <= CORE_PER_JOB * tables.jobs:
            exchanges.whole(last)
    exchanges.run(last)
    if exchanges.cost > tables.least:
        tables.tighten(exchanges.cost, until)
    return exchanges.to.tolist(), tables.least


def _start(tables: Tables) -> Ints:
    """As the relaxation has it where it does not split a job, else the cheapest at the prices;
    capacities may be exceeded."""
    to: Ints = np.where(tables.fits, tables.regret, inf).argmin(axis=0)
    for job, agent in tables.whole.items():
        to[job] = agent
    return to


def _solved(tables: Tables) -> tuple[Ints | None, bool]:
    """Some assignment by the solver, for the rare case that the chains found none, and whether
    it is proven that there is none."""
    rows, columns = tables.program(tables.fits)
    saved = {c: -int(tables.costs[a, j]) for (a, j), c in columns.items()}
    answer = maximise(rows, saved, wall_s=LAST_RESORT_S, relative_gap=0.02)
    if answer.columns is None:
        return None, answer.infeasible
    to = np.zeros(tables.jobs, dtype=np.int64)
    for (agent, job), column in columns.items():
        if answer.columns[column]:
            to[job] = agent
    return to, False


class Exchanges:
    """Groups of agents exchange their jobs; the assignment never becomes dearer."""

    def __init__(self, tables: Tables, to: Ints, seed: int) -> None:
        self.tables = tables
        self.to = to.copy()
        self.cost = tables.cost(to)
        self.rng = np.random.default_rng(seed)

    def run(self, until: float) -> None:
        """Exchange until the time is up or the bound is met."""
        while time.perf_counter() < until and self.cost > self.tables.least:
            per_job = self.rng.uniform(*COLUMNS_PER_JOB)
            left = until - time.perf_counter()
            self._exchange(self._group(self._size()), per_job, min(LONGEST_S, left))

    def core(self) -> NDArray[np.bool_]:
        """The columns that a cheaper assignment could have, and the ones of this: no job in it
        may lose more than the whole assignment does now."""
        tables = self.tables
        keep = (tables.regret <= self.cost - tables.prices_bound - 1 + SLACK) & tables.fits
        keep[self.to, tables.every] = True
        return keep

    def whole(self, until: float) -> None:
        """The program of all agents over the core."""
        tables = self.tables
        rows, columns = tables.program(self.core())
        answer = maximise(
            rows,
            {c: -int(tables.costs[a, j]) for (a, j), c in columns.items()},
            start=[int(self.to[j] == a) for a, j in columns],
            wall_s=max(0.1, until - time.perf_counter()),
        )
        if answer.columns is not None:
            after = self.to.copy()
            for (a, j), column in columns.items():
                if answer.columns[column]:
                    after[j] = a
            self._keep(after)
        # What is left out costs at least as much as this assignment.
        if not answer.infeasible and answer.bound > -inf:
            tables.bound = max(tables.bound, min(-answer.bound, float(self.cost)))

    def _keep(self, after: Ints) -> None:
        """Take an assignment over when it fits and is no dearer."""
        cost = self.tables.cost(after)
        if cost <= self.cost and bool((self.tables.used(after) <= self.tables.most).all()):
            self.to, self.cost = after, cost

    def _size(self) -> int:
        """Agents in a group: for about 100 jobs, more where so many have little to gain."""
        tables = self.tables
        jobs_each = tables.jobs / tables.agents
        lost_each = max(1e-6, (self.cost - tables.bound) / tables.agents)
        size = max(GROUP_JOBS / jobs_each, min(GAIN_SOUGHT / lost_each, MOST_JOBS / jobs_each))
        return int(max(2, min(tables.agents, round(size))))

    def _group(self, size: int) -> Ints:
        """Agents drawn by what their parts cost above the bound, half of them; the others by
        how well the jobs of these would suit them."""
        tables = self.tables
        lost: Floats = np.zeros(tables.agents)
        np.add.at(lost, self.to, tables.regret[self.to, tables.every])
        lost += tables.prices * (tables.most - tables.used(self.to))
        lost += max(1e-6, 0.1 * float(lost.mean()))
        half = max(1, size // 2)
        group = self.rng.choice(tables.agents, half, replace=False, p=lost / lost.sum())
        jobs = np.nonzero(np.isin(self.to, group))[0]
        suits = 1e-6 + np.exp(-np.minimum(50.0, tables.regret[:, jobs])).sum(axis=1)
        suits[group] = 0.0
        others = self.rng.choice(tables.agents, size - half, replace=False, p=suits / suits.sum())
        return np.sort(np.concatenate([group, others]))

    def _exchange(self, group: Ints, per_job: float, wall_s: float) -> None:
        tables = self.tables
        jobs = np.nonzero(np.isin(self.to, group))[0]
        regret = tables.regret[np.ix_(group, jobs)]
        count = min(regret.size - 1, round(per_job * len(jobs)))
        keep = regret <= np.partition(regret, count, axis=None)[count]
        keep &= tables.fits[np.ix_(group, jobs)]
        own = np.searchsorted(group, self.to[jobs])
        keep[own, np.arange(len(jobs))] = True
        rows = Rows()
        columns: list[tuple[int, int]] = []
        of_agent: list[dict[int, int]] = [{} for _ in group]
        of_job: list[dict[int, int]] = [{} for _ in jobs]
        for a, j in zip(*(at.tolist() for at in np.nonzero(keep)), strict=True):
            column = rows.column(0, 1)
            columns.append((a, j))
            of_agent[a][column] = int(tables.loads[group[a], jobs[j]])
            of_job[j][column] = 1
        for a, loads in enumerate(of_agent):
            rows.row(loads, most=int(tables.most[group[a]]))
        for ones in of_job:
            rows.row(ones, least=1, most=1)
        answer = maximise(
            rows,
            {c: -int(tables.costs[group[a], jobs[j]]) for c, (a, j) in enumerate(columns)},
            start=[int(own[j] == a) for a, j in columns],
            wall_s=max(0.1, wall_s),
            nodes=GROUP_NODES,
        )
        if answer.columns is None:
            return
        after = self.to.copy()
        for taken, (a, j) in zip(answer.columns, columns, strict=True):
            if taken:
                after[jobs[j]] = group[a]
        self._keep(after)
