"""Bounds for pools with more loads than can be listed: loads are made where prices ask for them.

The linear program over loads starts with a few columns; its prices say which loads are worth
adding. At any prices, the value of the program plus what the best load of each person is worth
beyond the person's price is a bound for the full set: it holds also when stopped early.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from math import inf

import highspy
import numpy as np

from .highs import load as load_program
from .highs import whole
from .ledger import Ledger
from .loads import Load, Prices
from .lookup import Lookup, Pair
from .master import Master, spaces_of, tight_budgets
from .stages import Taken

CLOSE_ENOUGH = 1e-4
DUST = 1e-6


class Pricing:
    """The program over loads of one stage, growing by columns."""

    def __init__(
        self,
        lookup: Lookup,
        held: Ledger,
        pairs: Sequence[Pair],
        stage: str,
        holds: Sequence[tuple[str, int]] = (),
        start: Taken | None = None,
    ) -> None:
        """`holds` are stages no plan may fall below, as values on top of the held pairs."""
        self.lookup, self.stage = lookup, stage
        self.spaces = spaces_of(lookup, held, pairs)
        self.loads: list[Load] = [load for space in self.spaces for load in space.singles()]
        if start is not None:
            by_person: dict[int, list[tuple[int, int]]] = {}
            for (i, j), half_days in sorted(start.items()):
                if (i, j) not in held.taken:
                    by_person.setdefault(j, []).append((i, half_days))
            self.loads += [
                space.load_of(by_person[space.person])
                for space in self.spaces
                if len(by_person.get(space.person, ())) > 1 and space.holds(by_person[space.person])
            ]
        tight = tight_budgets(lookup, held, pairs)
        self.master = Master(lookup, held, self.loads, tight)
        for name, least in holds:
            self.master.hold(name, least)
        self.factors = self._factors(stage)
        self.bound = inf
        self.value = -inf
        self.rounds = 0
        self.duals: list[float] | None = None
        self.solver = load_program(self.master.rows, self.master.objective(stage), relaxed=True)

    def _factors(self, stage: str) -> tuple[float, float]:
        """What a stage pays for a point of score and for a point of priority."""
        weights = self.lookup.weights
        return {
            "score": (1.0, 0.0),
            "priority": (0.0, 1.0),
            "weighted": (1.0, float(weights.priority)),
        }.get(stage, (0.0, 0.0))

    def run(self, rounds: int, *, wall_s: float = inf) -> None:
        """Price until the bound is close, or `rounds` are done, or the time is up."""
        until = time.perf_counter() + wall_s
        while self.rounds < rounds and time.perf_counter() < until:
            if wall_s < inf:
                left = until - time.perf_counter()
                self.solver.setOptionValue("time_limit", self.solver.getRunTime() + max(0.1, left))
            self.solver.run()
            if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                return
            self.rounds += 1
            self.value = self.solver.getInfo().objective_function_value
            self.duals = [float(dual) for dual in self.solver.getSolution().row_dual]
            new = self._price(self.duals, until)
            if not new or self.bound - self.value <= CLOSE_ENOUGH * max(1.0, abs(self.bound)):
                return
            self._add(new)

    def prices(self, duals: Sequence[float]) -> Prices:
        """What work is worth at the duals of the program."""
        master = self.master
        score, priority = self.factors
        for name, row in master.stage_row.items():
            more_score, more_priority = self._factors(name)
            score -= duals[row] * more_score
            priority -= duals[row] * more_priority
        return Prices(
            score=score,
            priority=priority,
            need={i: duals[row] for i, row in master.need_row.items()},
            town={town: -duals[row] for town, row in master.town_row.items()},
            budget={t: duals[row] / unit for t, (row, unit) in master.budget_row.items()},
        )

    def _price(self, duals: Sequence[float], until: float) -> list[Load]:
        """Loads worth adding; the bound is renewed when everybody was looked at in time."""
        prices = self.prices(duals)
        new: list[Load] = []
        beyond = 0.0
        for space in self.spaces:
            if time.perf_counter() > until:
                return []
            price = max(0.0, duals[self.master.person_row[space.person]])
            loads, worth = space.best_loads(prices, price + DUST)
            if loads:
                new += loads
                beyond += worth - price
        self.bound = min(self.bound, self.value + beyond + DUST * len(self.spaces))
        return new

    def _add(self, loads: Sequence[Load]) -> None:
        master = self.master
        costs: list[float] = []
        starts: list[int] = []
        index: list[int] = []
        values: list[float] = []
        score, priority = self.factors
        for load in loads:
            row: dict[int, float] = {master.person_row[load.person]: 1.0}
            rate = self.lookup.people[load.person].half_day_rate_yen
            for i, half_days in load.choices:
                need = self.lookup.needs[i]
                row[master.need_row[i]] = 1.0
                if need.town in master.town_row:
                    at = master.town_row[need.town]
                    row[at] = row.get(at, 0.0) + 1.0
                if need.town in master.budget_row:
                    at, unit = master.budget_row[need.town]
                    row[at] = row.get(at, 0.0) + half_days * rate * need.months / unit
            for name, at in master.stage_row.items():
                more_score, more_priority = self._factors(name)
                if more_score or more_priority:
                    row[at] = more_score * load.score + more_priority * load.priority
            costs.append(score * load.score + priority * load.priority)
            starts.append(len(index))
            index += row.keys()
            values += row.values()
        count = len(loads)
        self.solver.addCols(
            count, np.array(costs), np.zeros(count), np.ones(count), len(index),
            np.array(starts, dtype=np.int32), np.array(index, dtype=np.int32), np.array(values),
        )  # fmt: skip
        self.loads += loads

    @property
    def whole_bound(self) -> float:
        """The bound rounded down."""
        return whole(self.bound)
