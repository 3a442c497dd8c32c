"""Generalized assignment too large to solve whole: prices, chains of moves, small programs.

Prices of the capacities tell what a job loses with each agent. Chains of moves make a good
assignment and rings a better one; then come programs over the columns that lose least, which is
where good assignments are, of all agents and of groups; last the bound is made better. All steps
are counted: the clock is only a limit for what takes too long, and it is told when it was met.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from .gap import Gap
from .gapchains import Chains
from .gapmixing import KEPT, Mixing, far_from
from .gapprices import Floats, Ints, Tables
from .gaprings import Rings, near
from .highs import maximise
from .rows import Rows

LOOKS_PER_JOB = 60
MOST_LOOKS = 12_000
RING_COLUMNS = 2.6  # a job
RING_CELLS = 250_000_000  # entering × leaving columns that a round of rings may look at
RING_STEPS_PER_JOB = 6
MOST_RING_STEPS = 1_200
CLOSE = 5e-4  # of the bound: what is no further above it is left to the cheaper ways
SMALL_COLUMNS = 4_500
SMALL_WIDTHS, WIDE_WIDTHS = (
    (3.0, 4.0, 2.2),
    (1.5, 1.8),
)  # columns a job of the programs of all agents
SMALL_NODES, WIDE_NODES = 20, 1
SMALL_EXCHANGES, WIDE_EXCHANGES = 6, 4
MIXED_ABOVE = 1e-3  # of the better bound: small instances that far above it are mixed
MIX_CELLS = 600_000_000  # pairs of jobs that shifts and swaps may look at
BOUND_CELLS = 200_000_000  # jobs × capacities that the knapsacks of all steps may look at
BOUND_STEPS = 300
GROUP_JOBS = 100
MOST_JOBS = 250
GAIN_SOUGHT = 3.0  # cost above the bound that a group should hold between its agents
GROUP_NODES = 20
COLUMNS_PER_JOB = (1.4, 3.2)  # of a group's program: drawn between these
SLACK = 1e-6
LAST_RESORT_NODES = 2_000


@dataclass(frozen=True, slots=True)
class Found:
    """An agent for each job (None where no assignment was found), a bound for the least cost
    (None where there is no assignment at all), and whether the clock ended a step: then another
    run may find another assignment."""

    chosen: list[int] | None
    bound: int | None
    cut: bool = False


def search_gap(instance: Gap, *, wall_s: float = inf, seed: int = 0) -> Found:
    """Search in counted steps, within about `wall_s` seconds; the same steps find the same
    assignment."""
    until = time.perf_counter() + wall_s
    tables = Tables(instance)
    if not tables.fits.any(axis=0).all():
        return Found(None, None)  # some job fits nowhere
    least_loads = np.array(instance.loads).min(axis=0).sum()
    if least_loads > sum(instance.capacities):
        return Found(None, None)  # however they are given out
    tables.relax(until)
    chains = Chains(tables, tables.start(), seed)
    chains.run(min(MOST_LOOKS, LOOKS_PER_JOB * tables.jobs), until)
    late, to = tables.late or chains.late, chains.best
    if to is None:
        to, impossible = _solved(tables, until)
        if to is None:
            return Found(None, None if impossible else tables.least, late)
    whole = _Whole(tables, to, seed, until)
    whole.improve()
    return Found(whole.to.tolist(), tables.least, late | whole.late)


def _solved(tables: Tables, until: float) -> tuple[Ints | None, bool]:
    """Some assignment by the solver, for the rare case that the chains found none, and whether
    it is proven that there is none."""
    rows, columns = tables.program(tables.fits)
    saved = {c: -int(tables.costs[a, j]) for (a, j), c in columns.items()}
    answer = maximise(rows, saved, wall_s=_left(until), nodes=LAST_RESORT_NODES, relative_gap=0.02)
    tables.late |= answer.late
    if answer.columns is None:
        return None, answer.infeasible
    return _taken(columns, answer.columns, np.zeros(tables.jobs, dtype=np.int64)), False


def _left(until: float) -> float:
    return max(0.05, until - time.perf_counter())


def _taken(columns: dict[tuple[int, int], int], values: Sequence[int], to: Ints) -> Ints:
    """The assignment that a solution of a program makes of `to`."""
    after = to.copy()
    for (agent, job), column in columns.items():
        if values[column]:
            after[job] = agent
    return after


class _Whole:
    """An assignment made better by rings, programs of all agents and exchanges of some, in turn;
    it never becomes dearer."""

    def __init__(self, tables: Tables, to: Ints, seed: int, until: float) -> None:
        self.tables, self.seed, self.until = tables, seed, until
        self.to, self.cost = to.copy(), tables.cost(to)
        self.late = False
        self.rounds = 0

    def improve(self) -> None:
        """Small instances: rings, programs while they gain, then, far above the better bound,
        mixtures, else exchanges. Others: the first program that gains, then rings, and exchanges
        where these do not come close to the bound."""
        if self.tables.costs.size <= SMALL_COLUMNS:
            self._improve_small()
        else:
            self._improve_wide()

    def _improve_small(self) -> None:
        self._rings()
        for width in SMALL_WIDTHS:
            if self._done() or not self._program(width, SMALL_NODES):
                break
            self._rings()
        if self._done():
            return
        self.tighten()
        if far_from(self.cost, self.tables.bound, MIXED_ABOVE):
            self._mix()
        elif not self._done():
            self._exchange(SMALL_EXCHANGES)

    def _improve_wide(self) -> None:
        for width in WIDE_WIDTHS:
            if self._done() or self._program(width, WIDE_NODES):
                break
        self._rings()
        if not self._done() and far_from(self.cost, self.tables.bound, CLOSE):
            self._exchange(WIDE_EXCHANGES)
        if not self._done():
            self.tighten()

    def tighten(self) -> None:
        """A better bound, in so many steps as its knapsacks allow."""
        tables = self.tables
        steps = min(BOUND_STEPS, BOUND_CELLS // (tables.jobs * max(1, int(tables.most.sum()))))
        self.late |= tables.tighten(self.cost, steps, self.until)

    def _mix(self) -> None:
        drafts = sorted(self.tables.drafts, key=lambda draft: -draft[0])
        mixing = Mixing(self.tables, self.to, self.seed)
        mixing.run([to for _, to in drafts[: 2 * KEPT : 2]], MIX_CELLS, self.until)
        self.late |= mixing.late
        self._keep(mixing.best)
        self._rings()

    def _exchange(self, count: int) -> None:
        before = self.cost
        exchanges = Exchanges(self.tables, self.to, self.seed, self.until)
        exchanges.run(count)
        self.late |= exchanges.late
        self._keep(exchanges.to)
        if self.cost < before:
            self._rings()

    def _done(self) -> bool:
        self.late |= time.perf_counter() > self.until
        return self.late or self.cost <= self.tables.least

    def _rings(self) -> None:
        rings = Rings(self.tables, self.to, RING_COLUMNS, self.seed + self.rounds)
        self.rounds += 1
        most = min(MOST_RING_STEPS, RING_STEPS_PER_JOB * self.tables.jobs)
        for _ in range(min(most, 1 + RING_CELLS // max(1, rings.cells))):
            if self._done():
                break
            rings.next()
            self._keep(rings.to)

    def _program(self, width: float, nodes: int) -> bool:
        """The program of all agents over the columns near to the prices, begun at nothing: from a
        start the solver would look around it only. Where it holds all columns that a cheaper
        assignment could have, its bound is one for all. Whether it found a cheaper one."""
        tables, before = self.tables, self.cost
        keep = near(tables, width)
        if keep.sum() > width * tables.jobs:
            return False  # so many lose nothing at all that the prices do not tell them apart
        rows, columns = tables.program(keep)
        saved = {c: -int(tables.costs[a, j]) for (a, j), c in columns.items()}
        answer = maximise(rows, saved, wall_s=_left(self.until), nodes=nodes)
        self.late |= answer.late
        if answer.columns is not None:
            self._keep(_taken(columns, answer.columns, self.to))
        core = (tables.regret <= self.cost - tables.prices_bound - 1 + SLACK) & tables.fits
        if not (core & ~keep).any() and answer.bound < inf:
            tables.bound = max(tables.bound, min(-answer.bound, float(self.cost)))
        return self.cost < before

    def _keep(self, after: Ints) -> None:
        """Take an assignment over when it fits and is no dearer."""
        cost = self.tables.cost(after)
        if cost <= self.cost and bool((self.tables.used(after) <= self.tables.most).all()):
            self.to, self.cost = after.copy(), cost


class Exchanges:
    """Groups of agents exchange their jobs; the assignment never becomes dearer."""

    def __init__(self, tables: Tables, to: Ints, seed: int, until: float) -> None:
        self.tables, self.until = tables, until
        self.to = to.copy()
        self.cost = tables.cost(to)
        self.rng = np.random.default_rng(seed)
        self.late = False

    def run(self, count: int) -> None:
        """So many exchanges, or until the bound is met."""
        for _ in range(count):
            self.late |= time.perf_counter() > self.until
            if self.late or self.cost <= self.tables.least:
                return
            self._exchange(self._group(self._size()), self.rng.uniform(*COLUMNS_PER_JOB))

    def _keep(self, after: Ints) -> None:
        """Take an assignment over when it fits and is no dearer."""
        cost = self.tables.cost(after)
        if cost <= self.cost and bool((self.tables.used(after) <= self.tables.most).all()):
            self.to, self.cost = after, cost

    def _size(self) -> int:
        """Agents in a group: for about 100 jobs, more where so many have little to gain."""
        tables = self.tables
        jobs_each = tables.jobs / tables.agents
        lost_each = max(1e-6, (self.cost - tables.prices_bound) / tables.agents)
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

    def _exchange(self, group: Ints, per_job: float) -> None:
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
            wall_s=_left(self.until),
            nodes=GROUP_NODES,
        )
        self.late |= answer.late
        if answer.columns is None:
            return
        after = self.to.copy()
        for taken, (a, j) in zip(answer.columns, columns, strict=True):
            if taken:
                after[jobs[j]] = group[a]
        self._keep(after)
