"""Prices and bounds of a generalized assignment instance, over numpy tables.

Two relaxations. One prices the agents' capacities (its value is that of the linear relaxation);
what an assignment costs above it is the sum of its jobs' regrets (priced cost above the job's
cheapest) and of the priced capacity it leaves unused, so that regrets say where to look. The
other prices the jobs and keeps every agent's knapsack whole: slower, and a better bound.
"""

from __future__ import annotations

import time
from math import ceil, inf

import numpy as np
from numpy.typing import NDArray

from .gap import Gap
from .highs import relax
from .rows import Rows

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

STEPS = 300  # of the first, rough prices
STALE_STEPS = 10
FIRST_CHOICES = 4  # agents a job may go to in the first relaxation
ROUNDS = 12
TOLERANCE = 1e-6
SMALLEST_STEP = 1e-3
AIM = 0.6  # of the way from the bound to the cost of a known assignment
MOST_CELLS = 200_000_000  # of one knapsack: jobs × capacity, a byte each


class Tables:
    """Costs and loads by agent and job, capacities, and the prices found so far."""

    def __init__(self, instance: Gap) -> None:
        self.costs: Ints = np.array(instance.costs, dtype=np.int64)
        self.loads: Ints = np.array(instance.loads, dtype=np.int64)
        # No agent can use more than all jobs load it with; knapsacks hold a cell for each unit.
        self.most: Ints = np.minimum(
            np.array(instance.capacities, dtype=np.int64), self.loads.sum(axis=1)
        )
        self.agents, self.jobs = self.costs.shape
        self.fits: NDArray[np.bool_] = self.loads <= self.most[:, None]
        self.every: Ints = np.arange(self.jobs)
        self.bound = -inf
        self.prices_bound = -inf  # at the prices kept: what regrets are counted from
        self.prices: Floats = np.zeros(self.agents)
        self.regret: Floats = np.zeros(self.costs.shape)
        self.late = False  # the clock ended a step
        self.whole: dict[int, int] = {}  # jobs that the relaxation does not split
        # Of `tighten`: the best prices of the jobs, what each agent's knapsack is worth at them,
        # and the assignments of its steps (jobs that none takes as at first) with their bounds.
        self.wages: Floats = np.zeros(self.jobs)
        self.worths: Floats = np.zeros(self.agents)
        self.drafts: list[tuple[float, Ints]] = []

    @property
    def least(self) -> int:
        """The bound for whole costs."""
        if self.bound == -inf:
            return 0
        return ceil(self.bound - TOLERANCE * max(1.0, abs(self.bound) * 1e-3))

    def cost(self, to: Ints) -> int:
        """The cost of giving job j to agent to[j]."""
        return int(self.costs[to, self.every].sum())

    def used(self, to: Ints) -> Ints:
        """The load of each agent."""
        weights = self.loads[to, self.every]
        return np.bincount(to, weights=weights, minlength=self.agents).astype(np.int64)

    def priced(self, prices: Floats) -> Floats:
        """Costs with the loads priced; infinite where a job does not fit at all."""
        return np.where(self.fits, self.costs + prices[:, None] * self.loads, inf)

    def relax(self, until: float) -> None:
        """Prices of the capacities: rough ones by steps, then those of the linear relaxation on
        the few columns that prices ask for, until no other column is cheaper."""
        prices = self._rough()
        self._take(prices)
        order = np.argsort(self.priced(prices), axis=0, kind="stable")
        keep = np.zeros(self.costs.shape, dtype=bool)
        choices = FIRST_CHOICES
        keep[order[:choices], self.every] = True
        keep &= self.fits
        for _ in range(ROUNDS):
            left = until - time.perf_counter()
            if left <= 0:
                self.late = True
                return
            rows, columns = self.program(keep)
            saved = {c: -int(self.costs[a, j]) for (a, j), c in columns.items()}
            answer = relax(rows, saved, wall_s=left)
            if answer.infeasible and choices < self.agents:
                choices *= 2
                keep[order[:choices], self.every] = True
                keep &= self.fits
                continue
            if not answer.prices:
                self.late |= answer.late
                return
            self._take(np.maximum(0.0, np.array(answer.prices[: self.agents])))
            self.whole = {
                j: a for (a, j), c in columns.items() if answer.columns[c] > 1 - TOLERANCE
            }
            table = self.priced(self.prices)
            cheaper = table < np.where(keep, table, inf).min(axis=0) - TOLERANCE
            if not cheaper.any():
                return
            keep |= cheaper

    def start(self) -> Ints:
        """As the relaxation has it where it does not split a job, else the cheapest at the prices;
        capacities may be exceeded."""
        to: Ints = np.where(self.fits, self.regret, inf).argmin(axis=0)
        for job, agent in self.whole.items():
            to[job] = agent
        return to

    def _rough(self) -> Floats:
        """Subgradient steps on the prices of the capacities."""
        prices, best_prices = np.zeros(self.agents), np.zeros(self.agents)
        best, step, stale = -inf, 1.0, 0
        for _ in range(STEPS):
            table = self.priced(prices)
            to = table.argmin(axis=0)
            value = float(table[to, self.every].sum() - (prices * self.most).sum())
            if value > best + TOLERANCE:
                best, best_prices, stale = value, prices, 0
            else:
                stale += 1
                if stale == STALE_STEPS:
                    step, stale, prices = step / 2, 0, best_prices
                    continue
            over = self.used(to) - self.most
            norm = float((over * over).sum())
            if norm == 0 or step < SMALLEST_STEP:
                break
            aim = best + max(1.0, 0.02 * abs(best))
            prices = np.maximum(0.0, prices + step * (aim - value) / norm * over)
        return best_prices

    def _take(self, prices: Floats) -> None:
        """Keep prices that give a better bound, with the regrets they make."""
        table = self.priced(prices)
        cheapest = table.min(axis=0)
        value = float(cheapest.sum() - (prices * self.most).sum())
        if value > self.prices_bound:
            self.prices_bound, self.prices, self.regret = value, prices, table - cheapest
            self.bound = max(self.bound, value)

    def program(self, keep: NDArray[np.bool_]) -> tuple[Rows, dict[tuple[int, int], int]]:
        """The program over some columns: its rows (agents first), columns by agent and job."""
        rows = Rows()
        columns = {(a, j): rows.column(0, 1) for a, j in zip(*_where(keep), strict=True)}
        of_agent: list[dict[int, int]] = [{} for _ in range(self.agents)]
        of_job: list[dict[int, int]] = [{} for _ in range(self.jobs)]
        for (a, j), column in columns.items():
            of_agent[a][column] = int(self.loads[a, j])
            of_job[j][column] = 1
        for a, loads in enumerate(of_agent):
            rows.row(loads, most=int(self.most[a]))
        for ones in of_job:
            rows.row(ones, least=1, most=1)
        return rows, columns

    def tighten(self, upper: float, steps: int, until: float) -> bool:
        """A better bound: subgradient steps on the prices of the jobs, each agent's knapsack
        solved whole, `steps` times at most. `upper` is the cost of a known assignment. Where a
        knapsack would not fit into memory, the bound of the linear relaxation stays. Whether the
        clock ended it (at `until`)."""
        if not np.isfinite(self.bound) or self.jobs * int(self.most.max()) > MOST_CELLS:
            return False
        wages = self.priced(self.prices).min(axis=0)
        best_wages, best, step, stale = wages, -inf, 1.0, 0
        direction = np.zeros(self.jobs)
        for _ in range(steps):
            if step <= SMALLEST_STEP:
                break
            value, worths, done = self._knapsacks(wages, until)
            if done is None:
                return True
            if value > best + TOLERANCE:
                best, best_wages, stale = value, wages, 0
                self.wages, self.worths = wages, worths
                self.bound = max(self.bound, min(value, upper))
                if self.least >= upper:
                    break
            else:
                stale += 1
                if stale == STALE_STEPS:
                    step, stale, wages = step * 0.7, 0, best_wages
                    direction = np.zeros(self.jobs)
                    continue
            missing = 1.0 - done
            direction = 0.6 * missing + 0.4 * direction if direction.any() else missing
            norm = float((direction * direction).sum())
            if norm < TOLERANCE:
                break
            aim = best + AIM * max(1.0, upper - best)
            wages = wages + step * (aim - value) / norm * direction
        return False

    def _knapsacks(self, wages: Floats, until: float) -> tuple[float, Floats, Floats | None]:
        """The value of the relaxation at these wages, what each agent's knapsack is worth, and
        how often each job is done."""
        value, done, worths = float(wages.sum()), np.zeros(self.jobs), np.zeros(self.agents)
        draft, paid = self.start(), np.full(self.jobs, inf)
        for agent in range(self.agents):
            if time.perf_counter() > until:
                return value, worths, None
            profit = wages - self.costs[agent]
            items = np.nonzero((profit > TOLERANCE) & self.fits[agent])[0]
            worth, chosen = knapsack(
                profit[items].tolist(), self.loads[agent, items].tolist(), int(self.most[agent])
            )
            value -= worth
            worths[agent] = worth
            jobs = items[chosen]
            done[jobs] += 1.0
            jobs = jobs[self.costs[agent, jobs] < paid[jobs]]
            draft[jobs], paid[jobs] = agent, self.costs[agent, jobs]
        self.drafts.append((value, draft))
        return value, worths, done


def _where(keep: NDArray[np.bool_]) -> tuple[list[int], list[int]]:
    agents, jobs = np.nonzero(keep)
    return agents.tolist(), jobs.tolist()


def knapsack(profits: list[float], loads: list[int], most: int) -> tuple[float, list[int]]:
    """The most profit within the capacity, and the items that make it."""
    best = np.zeros(most + 1)
    taken = np.zeros((len(profits), most + 1), dtype=bool)
    for item, (profit, load) in enumerate(zip(profits, loads, strict=True)):
        more = best[: most + 1 - load] + profit
        better = taken[item, load:] = more > best[load:]
        best[load:] = np.where(better, more, best[load:])
    left, chosen = most, []
    for item in range(len(profits) - 1, -1, -1):
        if taken[item, left]:
            chosen.append(item)
            left -= loads[item]
    return float(best[most]), chosen
