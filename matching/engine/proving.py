"""Bounds of the published stages for pools whose loads cannot all be listed, and better plans.

First every open stage is bounded by prices (`pricing`), a few steps each in turn, so that none is
left with nothing where the time ends it. Then the stages are taken one after the other: the loads
that people answered with make a program (`columns`), whose relaxation gives the bound, and whose
plan in whole numbers is kept where it is better; the later stages are held to it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from math import inf

from .columns import Columns, prices_of
from .highs import maximise, relax, whole
from .ledger import Ledger
from .loads import TooManyLoads
from .lookup import Lookup
from .pricing import OutOfTime, Pricing
from .spaces import Spaces
from .stages import Taken, bound_over, factors_of, stage_label, stage_values

PRICES = 10  # answers in a step
STAGE_PRICES = 4  # steps for a stage before its columns, at most
STAGE_PATIENCE = 2  # steps between two looks at what they won
STAGE_WORTH_WHILE = 0.02  # share of what is open that so many steps must win
COLUMN_STEPS = 30  # relaxations of a stage, at most
FEW_NEW = 5  # fewer new loads than so many: people are asked at the program's own prices too
NEAR = 1e-4  # share of the bound within which the relaxation is solved
PLAN_NODES = 100
PLAN_GAP = 1e-5
MOST_ROWS = 30_000  # needs and people of a program over loads
MOST_COLUMNS = 30_000  # of a program in whole numbers


class Proof:
    """A plan and its bounds on top of the held pairs, made better step by step.

    `guide` are prices of a sum of all stages with `factors`, at which those of each stage begin.
    """

    def __init__(
        self,
        lookup: Lookup,
        held: Ledger,
        spaces: Spaces,
        guide: Pricing,
        factors: dict[str, float],
        taken: Taken,
        easy: Sequence[int],
        say: Callable[[str, int], None],
        until: float,
    ) -> None:
        """`easy` are bounds for all plans; `until` is the time on the performance counter at which
        to end: a step that it ends raises OutOfTime and does not count."""
        self.lookup, self.held, self.spaces, self.guide = lookup, held, spaces, guide
        self.factors, self.say, self.until = factors, say, until
        self.stages = lookup.problem.policy.stages
        self.base = stage_values(lookup, held.taken)
        self.taken, self.values = dict(taken), stage_values(lookup, taken)
        self.easy = list(easy)
        self.bounds = [bound_over(*row) for row in zip(self.stages, self.values, easy, strict=True)]
        self.pricings: dict[int, Pricing] = {}
        self.columns: dict[int, Columns] = {}

    def steps(self) -> Iterator[None]:
        """Better bounds and plans; what was found until the last step holds."""
        if not len(self.spaces):
            return
        waiting = [self._by_prices(at) for at in range(len(self.stages)) if self.open(at)]
        while waiting:
            for turn in list(waiting):
                if next(turn, self) is self:
                    waiting.remove(turn)
                else:
                    yield
        if len(self.lookup.needs) + len(self.lookup.people) > MOST_ROWS:
            return
        for at in range(len(self.stages)):
            if self.open(at):
                yield from self._by_columns(at)
            self.columns.pop(at, None)  # they take memory

    def open(self, at: int) -> bool:
        """Whether the stage could be better for all that is known."""
        return self.values[at] < self.bounds[at]

    def _value(self, at: int) -> int:
        return self.values[at] - self.base[at]

    def _holds(self, at: int) -> list[tuple[str, int]]:
        return [(stage, self._value(k)) for k, stage in enumerate(self.stages[:at])]

    def _bound(self, at: int, bound: float) -> None:
        known = min(self.bounds[at], int(whole(bound)) + self.base[at])
        self.bounds[at] = bound_over(self.stages[at], self.values[at], known)

    def _left(self) -> float:
        left = self.until - time.perf_counter()
        if left <= 0:
            raise OutOfTime
        return left

    # --- prices ------------------------------------------------------------------------------
    def _by_prices(self, at: int) -> Iterator[None]:
        """Better and better bounds of a stage, until they hardly become better."""
        self.say(stage_label(self.stages[at]), at)
        pricing, before = self._stage_pricing(at), inf
        if pricing.bound < inf:
            self._bound(at, pricing.bound)
            yield
        for step in range(1, STAGE_PRICES + 1):
            pricing.run(PRICES, float(self._value(at)), stop=0.999)
            if pricing.bound == inf:
                return  # the bound known before stays
            self._bound(at, pricing.bound)
            yield
            if not self.open(at):
                return
            if step % STAGE_PATIENCE == 0:
                won = before - pricing.bound
                if won < STAGE_WORTH_WHILE * (pricing.bound - self._value(at)):
                    return
                before = pricing.bound

    def _stage_pricing(self, at: int) -> Pricing:
        """Prices for one stage, begun at those of the sum of all stages; the loads of all answers
        are gathered."""
        if len(self.stages) == 1:
            pricing = self.guide
        else:
            pricing = Pricing(
                self.lookup, self.held, self.spaces, {self.stages[at]: 1.0}, self._holds(at),
                like=self.guide,
            )  # fmt: skip
        pricing.until = self.until
        columns = self.columns[at] = Columns(self.lookup, self.held, self.spaces)
        if len(self.lookup.needs) + len(self.lookup.people) <= MOST_ROWS:
            pricing.watch = columns.gather
        if len(self.stages) > 1:
            stage, value = self.stages[at], float(self._value(at))
            pricing.begin(self.held, self.guide, self.factors, stage, value)
        self.pricings[at] = pricing
        return pricing

    # --- columns -----------------------------------------------------------------------------
    def _by_columns(self, at: int) -> Iterator[None]:
        """The bound of the relaxation over all loads, and a plan from those at hand."""
        self.say(stage_label(self.stages[at]), at)
        if at not in self.pricings:
            self._stage_pricing(at)
        pricing, columns = self.pricings[at], self.columns[at]
        if pricing.bound == inf:
            return
        try:
            pricing.hold_at(self._holds(at))
            for _ in range(COLUMN_STEPS):
                solved = self._relax(at, pricing, columns)
                yield
                if solved:
                    break
        except TooManyLoads:
            return
        if self.open(at) and len(columns.loads) <= MOST_COLUMNS:
            self._plan(at, pricing, columns)
            yield

    def _relax(self, at: int, pricing: Pricing, columns: Columns) -> bool:
        """Solve the relaxation and ask people at its prices, half way from the best known ones,
        which are steadier, and at its own where that brings hardly a new load. Whether it is
        solved."""
        self._left()
        columns.take_in_plan(self.taken)
        columns.take_in()
        master = columns.program(pricing)
        costs = master.objective(self.stages[at])
        relaxed = relax(master.rows, costs, wall_s=self._left(), method="ipm")
        if relaxed.late:
            raise OutOfTime
        if not relaxed.reduced:
            return True
        prices = prices_of(master, relaxed, pricing)
        best = (pricing.price, pricing.budget_price, pricing.hold_price)
        half = tuple((a + b) / 2 for a, b in zip(best, prices, strict=True))
        pricing.ask(*half)
        new = columns.take_in()
        if new < FEW_NEW:
            pricing.ask(*prices)
            new += columns.take_in()
        self._bound(at, pricing.bound)
        least = max(whole(relaxed.value), relaxed.value + NEAR * abs(relaxed.value))
        return not new or not self.open(at) or whole(pricing.bound) <= least

    def _plan(self, at: int, pricing: Pricing, columns: Columns) -> None:
        """Solve the program in whole numbers, and keep a plan that is better."""
        master = columns.program(pricing)
        stages = self.stages[at:]
        costs = master.combined(factors_of(stages))
        answer = maximise(
            master.rows,
            costs,
            start=master.start(self.taken),
            nodes=PLAN_NODES,
            wall_s=self._left(),
            relative_gap=PLAN_GAP,
        )
        if answer.late:
            raise OutOfTime
        if answer.columns is None:
            return
        found = {**self.held.taken, **master.chosen(answer.columns)}
        values = stage_values(self.lookup, found)
        if values > self.values:
            self._go_on_with(at, found, values)

    def _go_on_with(
        self, at: int, found: dict[tuple[int, int], int], values: tuple[int, ...]
    ) -> None:
        """Keep a plan that is better in stage `at`. The bound of a later stage holds for plans
        that do as well before it; where the new plan does not, it is bounded anew."""
        fell = False
        self.taken = found
        before, self.values = self.values, values
        for k, stage in enumerate(self.stages):
            if fell:
                self.bounds[k] = self.easy[k]
            fell |= values[k] < before[k]
            self.bounds[k] = bound_over(stage, values[k], self.bounds[k])
            if k > at and k in self.pricings:
                with suppress(TooManyLoads):
                    self.pricings[k].hold_at(self._holds(k))
                    self._bound(k, self.pricings[k].bound)
