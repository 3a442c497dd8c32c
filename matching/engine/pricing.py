"""Bounds for pools of any size: prices for needs and budgets, people answering one by one.

At any prices every person takes the load worth most, every town the places worth most, and the
sum is a bound for all plans: on all pairs, whenever it is stopped. A town knows its services
(first, second …), a person months, towns, weekdays and bonuses, all whole numbers, so that the
bound is that of the program over loads. Prices are improved by the volume algorithm (Barahona
and Anbil 2000): steps along an average of the shortages seen, shorter when they stop to help.
Products are summed by numpy itself, never by a library of linear algebra, whose order of sums is
that of the machine: the same prices everywhere.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from .arrays import NOTHING_LEFT, Ints, Mask
from .growth import Chosen, Hope, Level, Points, best_loads
from .ledger import Ledger
from .loads import TooManyLoads
from .lookup import Lookup, most_towns
from .spaces import Spaces
from .stages import counts_towns, places_counted

MOST_STATIC_LOADS = 200_000
MOST_LOADS_AT_ONCE = 2_000_000
CHOICES_AT_ONCE = 200_000
FEWEST_AT_ONCE = 25_000
AVERAGE = 0.1
FIRST = "services_1"
STEP = 1.0
PATIENCE = 12
FIRST_PATIENCE = 2  # until a step helped: the target may be far below what can be reached
FIRST_SHORTER = 0.4
FARTHER = 2.0


class OutOfTime(Exception):
    """The clock ended a step, which then does not count."""


@dataclass(frozen=True, slots=True)
class Factors:
    """What a sum of stages pays for a point of score, of priority, and for each town that a
    stage counts."""

    score: float
    priority: float
    towns: Mapping[str, float]

    @staticmethod
    def of(lookup: Lookup, stages: Mapping[str, float]) -> Factors:
        weights = lookup.weights
        towns: dict[str, float] = {}
        score = priority = 0.0
        for name, factor in stages.items():
            if counts_towns(name):
                towns[name] = towns.get(name, 0.0) + factor
            elif name == "priority":
                priority += factor
            elif name == "score":
                score += factor
            else:
                score += factor
                priority += factor * weights.priority
                towns[FIRST] = towns.get(FIRST, 0.0) + factor * weights.service
        return Factors(score, priority, towns)


@dataclass(slots=True)
class Answer:
    """The answers of people and towns at some prices."""

    value: float
    short: Points  # what towns take of each need beyond what people give
    left: Points  # of each budget, in its unit
    best: Points  # worth of each person's best load
    members: list[Ints]  # the choices of the best loads
    stages: dict[str, float]


@dataclass(frozen=True, slots=True)
class State:
    """Prices of needs, budgets and holds, their bound, and how the next step goes on."""

    prices: tuple[Points, Points, Points]
    bound: float
    mean: Points | None
    step: float
    failures: int
    found: bool
    last: list[Chosen]


class Pricing:
    """The prices of one sum of stages. `holds` are stages no plan may fall below, as values on
    top of the held pairs; their factors are prices too."""

    def __init__(
        self,
        lookup: Lookup,
        held: Ledger,
        spaces: Spaces,
        stages: dict[str, float],
        holds: Sequence[tuple[str, int]] = (),
        like: Pricing | None = None,
    ) -> None:
        """`like` are prices over the same choices, whose tables are used again."""
        self.lookup, self.spaces, self.stages, self.holds = lookup, spaces, stages, tuple(holds)
        self._needs(held)
        self._budgets(held)
        self._left_out(held)
        self.price = np.zeros(len(lookup.needs))
        self.budget_price = np.zeros(len(self.budget))
        self.hold_price = np.zeros(len(self.holds))
        self.bound = np.inf
        self.iterations = 0
        self.step = STEP
        self.failures = 0
        self.found = False
        self.at_once = CHOICES_AT_ONCE
        self.mean: Points | None = None
        self.last: list[Chosen] = []
        self.levels: list[Level] | None = None
        self.until = np.inf  # the time on the performance counter after which nobody is asked
        self.watch: Callable[[list[Chosen]], None] | None = None  # is told the loads of answers
        self.reach: Ints
        if like is not None:
            self.levels, self.reach = like.levels, like.reach
            return
        with suppress(TooManyLoads):
            self.levels = spaces.grow(np.arange(len(spaces)), MOST_STATIC_LOADS)
        self.reach = spaces.reach()
        self.price = self._dear(held)

    def _needs(self, held: Ledger) -> None:
        """Each town's places side by side, and what its next services are worth by level."""
        spaces, lookup = self.spaces, self.lookup
        people = np.bincount(
            np.unique(spaces.need.astype(np.int64) * len(lookup.people) + spaces.person)
            // max(1, len(lookup.people)),
            minlength=len(lookup.needs),
        )
        open_places = np.array(held.places, dtype=np.int64)
        # Of a need with pairs left out, not everybody who could come is known.
        places = np.where(spaces.rest > NOTHING_LEFT, open_places, np.minimum(open_places, people))
        needs = np.repeat(np.arange(len(places)), np.maximum(0, places))
        towns = spaces.town_of_need[needs]
        order = np.argsort(towns, kind="stable")
        needs, towns = needs[order], towns[order]
        names, first, count = np.unique(towns, return_index=True, return_counts=True)
        width = int(count.max()) if len(count) else 0
        self.places = np.full((len(names), width), -1, dtype=np.int64)
        column = np.arange(len(needs)) - np.repeat(first, count)
        self.places[np.repeat(np.arange(len(names)), count), column] = needs
        at = np.array([held.services(lookup.problem.towns[t].id) for t in names], dtype=np.int64)
        place = at[:, None] + np.arange(1, width + 1)[None, :]
        self.counted: dict[str, Mask] = {}  # the place that makes a town count, by stage
        for name in {FIRST, *filter(counts_towns, lookup.problem.policy.stages)}:
            needed = [places_counted(lookup, name, lookup.problem.towns[t].id) for t in names]
            self.counted[name] = place == np.array(needed, dtype=np.int64)[:, None]

    def _budgets(self, held: Ledger) -> None:
        """The budgets that all the places together could overspend, each in a unit of its own."""
        spaces, towns = self.spaces, self.lookup.problem.towns
        dearest = np.zeros(len(self.lookup.needs), dtype=np.int64)
        np.maximum.at(dearest, spaces.need, spaces.cost)
        worst = np.zeros(len(towns), dtype=np.int64)
        np.add.at(worst, spaces.town_of_need, dearest * np.maximum(0, np.array(held.places)))
        tight = [
            t for t, town in enumerate(towns)
            if town.id in held.budget and worst[t] > held.budget[town.id]
        ]  # fmt: skip
        self.budget_towns = tight
        row = np.full(len(towns), len(tight), dtype=np.int64)
        row[tight] = np.arange(len(tight))
        self.budget_row = row[spaces.town]
        left = np.array([max(0, held.budget[towns[t].id]) for t in tight], dtype=float)
        unit = np.ones(len(tight) + 1)
        total = np.bincount(self.budget_row, spaces.cost, minlength=len(tight) + 1)
        number = np.bincount(self.budget_row, minlength=len(tight) + 1)
        unit[:-1] = np.maximum(1.0, total[:-1] / np.maximum(1, number[:-1]))
        self.unit = unit[:-1]
        self.budget = left / self.unit
        self.budget_cost = np.where(
            self.budget_row < len(tight), spaces.cost / unit[self.budget_row], 0.0
        )

    def _dear(self, held: Ledger) -> Points:
        """Prices at which each need is wanted by about as many people as it has places."""
        spaces = self.spaces
        gains = self.gains(self.price, self.budget_price, self.factors(self.hold_price))
        order = np.lexsort((-gains, spaces.need))
        need = spaces.need[order]
        first = np.searchsorted(need, need)
        nth = np.arange(len(need)) - first
        price = np.zeros(len(self.price))
        at = nth == np.array(held.places, dtype=np.int64)[need]
        price[need[at]] = np.maximum(0.0, gains[order][at])
        return price

    def _left_out(self, held: Ledger) -> None:
        """What the pairs that were left out could score at most, bonuses included: no price may
        fall so low that one of them would be wanted, and the bound holds for all pairs."""
        lookup, rest = self.lookup, self.spaces.rest
        weights = lookup.weights
        self.kept_high = np.flatnonzero(rest > NOTHING_LEFT)
        people = zip(lookup.people, held.towns, strict=True)
        ways = max((most_towns(person, towns) for person, towns in people), default=1) - 1
        most = []
        for i in self.kept_high.tolist():
            need = lookup.needs[i]
            bonus = weights.group * len(lookup.groups_of_town.get(need.town, ()))
            if need.onsite_pct:
                bonus += weights.route * max(0, ways)
            most.append(int(rest[i]) + bonus)
        self.most_left_out = np.array(most, dtype=float)
        self.priority_left_out = np.array(
            [lookup.needs[i].priority for i in self.kept_high.tolist()], dtype=float
        )

    def high(self, price: Points, factors: Factors) -> Points:
        """The prices, raised where a pair left out would be wanted."""
        if not len(self.kept_high):
            return price
        least = factors.score * self.most_left_out + factors.priority * self.priority_left_out
        high = price.copy()
        high[self.kept_high] = np.maximum(price[self.kept_high], least)
        return high

    def begin(
        self,
        held: Ledger,
        guide: Pricing,
        factors: Mapping[str, float],
        stage: str,
        value: float,
    ) -> None:
        """Start at needs dear and holds free, or at the prices of `guide` (of a sum of stages
        with these `factors`) with the holds at their factors there; a stage that counts towns
        without what its places bring in later stages, for nobody is paid for that here. Dear
        needs give the easy bound, which steps lower the least: the guide's prices are taken up
        to `FARTHER` times as far from `value`, which a plan reaches."""
        holds = np.array([factors[name] / factors[stage] for name, _ in self.holds])
        price = guide.price
        if counts_towns(stage):
            price = np.minimum(0.0, price - self._later(guide, factors))
        starts = (
            (1.0, (self._dear(held), np.zeros(len(self.budget)), np.zeros(len(self.holds)))),
            (
                FARTHER if counts_towns(stage) else 1.0,
                (price / factors[stage], guide.budget_price / factors[stage], holds),
            ),
        )
        self.last = list(guide.last)
        nearest = np.inf
        for farther, start in starts:
            with suppress(TooManyLoads):
                answer = self.answer(*start)
                if (answer.value - value) / farther < nearest:
                    nearest, self.bound = (answer.value - value) / farther, np.inf
                    self._keep(answer, *start)
                    self.mean = self._slope(answer)

    def _later(self, guide: Pricing, factors: Mapping[str, float]) -> Points:
        """What a place of each need brings in the stages after those that count towns, at the
        factors of `guide`: its priority, and the score of those who could come on average."""
        paid, spaces = guide.factors(guide.hold_price), self.spaces
        number = np.bincount(spaces.need, minlength=len(self.price))
        score = np.bincount(spaces.need, spaces.score, minlength=len(self.price))
        priority = np.array([need.priority for need in self.lookup.needs], dtype=float)
        later: Points = paid.score * score / np.maximum(1, number) + paid.priority * priority
        return later

    # --- answers -----------------------------------------------------------------------------
    def factors(self, hold_price: Points) -> Factors:
        stages = dict(self.stages)
        for (name, _), price in zip(self.holds, hold_price, strict=True):
            stages[name] = stages.get(name, 0.0) + float(price)
        return Factors.of(self.lookup, stages)

    def gains(self, price: Points, budget_price: Points, factors: Factors) -> Points:
        """What each choice is worth at the prices."""
        spaces = self.spaces
        gains = factors.score * spaces.score - price[spaces.need]
        if factors.priority:
            gains += factors.priority * spaces.priority
        if len(budget_price):
            gains -= np.append(budget_price, 0.0)[self.budget_row] * self.budget_cost
        return np.asarray(gains, dtype=np.float64)

    def answer(self, price: Points, budget_price: Points, hold_price: Points) -> Answer:
        """The best loads and places at these prices. Raises TooManyLoads, OutOfTime."""
        factors = self.factors(hold_price)
        price = self.high(price, factors)
        spaces = self.spaces
        gains = self.gains(price, budget_price, factors)
        best, self.last = self.respond(gains, factors)
        if self.watch is not None:
            self.watch(self.last)
        members = [chosen.ravel() for _, chosen, _ in self.last]
        worth, filled, counts = self._towns(price, factors)
        given = np.concatenate(members) if members else np.zeros(0, np.int64)
        short = filled - np.bincount(spaces.need[given], minlength=len(price))
        spent = np.bincount(
            self.budget_row[given], self.budget_cost[given], minlength=len(self.budget) + 1
        )[: len(self.budget)]
        value = float(best.sum() + worth + (budget_price * self.budget).sum())
        value -= sum(p * v for p, (_, v) in zip(hold_price, self.holds, strict=True))
        plain = self._plain(given, best, gains, factors)
        weights = self.lookup.weights
        plain["weighted"] = (
            weights.service * counts[FIRST] + weights.priority * plain["priority"] + plain["score"]
        )
        stages = {name: plain.get(name, counts.get(name, 0.0)) for name, _ in self.holds}
        return Answer(value, short, self.budget - spent, best, members, stages)

    def respond(
        self, gains: Points, factors: Factors, choices: Ints | None = None
    ) -> tuple[Points, list[Chosen]]:
        """The worth of each person's best load, of `choices` only where given, and those loads.
        People are asked in pieces, so that memory does not grow with the pool."""
        people = len(self.lookup.people)
        if choices is None:
            self._in_time()
            if self.levels is not None:
                return best_loads(self.levels, gains, factors.score, people)
            choices = np.arange(len(gains))
        known = self._known(gains, factors, choices)
        hope = Hope(gains, self.reach, factors.score, known)
        best, chosen = np.zeros(people), list[Chosen]()
        pieces = self._pieces(choices[hope.most[choices] > 0], self.at_once)[::-1]
        while pieces:
            self._in_time()
            piece = pieces.pop()
            try:
                levels = self.spaces.grow(piece, MOST_LOADS_AT_ONCE, hope)
            except TooManyLoads:
                if len(piece) < FEWEST_AT_ONCE:
                    raise
                pieces += self._pieces(piece, len(piece) // 2)[::-1]
                continue
            worth, found = best_loads(levels, gains, factors.score, people)
            best = np.maximum(best, worth)
            chosen += found
        return best, chosen

    def _in_time(self) -> None:
        if time.perf_counter() > self.until:
            raise OutOfTime

    def _pieces(self, choices: Ints, size: int) -> list[Ints]:
        """The choices, ordered by person, in pieces of about `size`, nobody cut in two."""
        person = self.spaces.person[choices]
        cuts = np.arange(size, len(choices), size)
        return np.split(choices, np.unique(np.searchsorted(person, person[cuts])))

    def _known(self, gains: Points, factors: Factors, choices: Ints) -> Points:
        """What the loads that were best last time are worth now, those of `choices` only."""
        least = np.zeros(len(self.lookup.people))
        among = np.zeros(len(gains), dtype=bool)
        among[choices] = True
        for who, members, bonus in self.last:
            worth = factors.score * bonus + gains[members].sum(axis=1)
            least[who] = np.where(among[members].all(axis=1), np.maximum(0.0, worth), 0.0)
        return least

    def _plain(
        self, given: Ints, best: Points, gains: Points, factors: Factors
    ) -> dict[str, float]:
        """Priority and score of the loads given (the bonus from what the loads are worth)."""
        spaces = self.spaces
        score = float(spaces.score[given].sum())
        if factors.score:
            score += (float(best.sum()) - float(gains[given].sum())) / factors.score
        return {"priority": float(spaces.priority[given].sum()), "score": score}

    def _towns(self, price: Points, factors: Factors) -> tuple[float, Points, dict[str, float]]:
        """What the towns take at these prices: the worth, places by need, and how many towns
        each stage then counts."""
        if not self.places.size:
            return 0.0, np.zeros(len(price)), dict.fromkeys(self.counted, 0.0)
        offered = np.where(self.places >= 0, price[self.places], -np.inf)
        order = np.argsort(-offered, axis=1, kind="stable")
        offered = np.take_along_axis(offered, order, axis=1)
        for name, factor in factors.towns.items():
            offered = offered + factor * self.counted[name]
        worth = np.cumsum(offered, axis=1)
        count = np.argmax(worth, axis=1)
        most = worth[np.arange(len(worth)), count]
        count = np.where(most > 0, count + 1, 0)
        taken = np.arange(worth.shape[1])[None, :] < count[:, None]
        needs = np.take_along_axis(self.places, order, axis=1)[taken]
        filled = np.bincount(needs, minlength=len(price)).astype(float)
        counts = {name: float((mask & taken).sum()) for name, mask in self.counted.items()}
        return float(np.maximum(0.0, most).sum()), filled, counts

    def state(self) -> State:
        """What a step of improving changes, to come back to it by `back_to`."""
        prices = (self.price, self.budget_price, self.hold_price)
        return State(prices, self.bound, self.mean, self.step, self.failures, self.found, self.last)

    def back_to(self, state: State) -> None:
        """As it was when `state` was taken."""
        self.price, self.budget_price, self.hold_price = state.prices
        self.bound, self.mean, self.step = state.bound, state.mean, state.step
        self.failures, self.found, self.last = state.failures, state.found, state.last

    # --- improving ---------------------------------------------------------------------------
    def run(self, iterations: int, target: float, stop: float = 0.0) -> None:
        """Improve the prices by so many answers. `target` is a value known to be reached by
        some plan; ends early when the bound is within `stop` of it. Where not even the first
        answer can be worked out, people having too many loads, there is no bound (infinite)."""
        price, budget_price, hold_price = (
            self.price.copy(), self.budget_price.copy(), self.hold_price.copy()
        )  # fmt: skip
        if self.mean is None:
            try:
                answer = self.answer(price, budget_price, hold_price)
            except TooManyLoads:
                return
            self._keep(answer, price, budget_price, hold_price)
            self.mean = self._slope(answer)
        mean = self.mean
        for _ in range(iterations):
            if self.bound - target <= stop:
                return
            norm = float((mean * mean).sum())
            if norm < 1e-12:
                return
            step = self.step * max(1.0, 1.05 * (self.bound - target)) / norm
            n, b = len(price), len(budget_price)
            price = self.price - step * mean[:n]
            budget_price = np.maximum(0.0, self.budget_price - step * mean[n : n + b])
            hold_price = np.maximum(0.0, self.hold_price - step * mean[n + b :])
            self.iterations += 1
            try:
                answer = self.answer(price, budget_price, hold_price)
            except TooManyLoads:
                self.step *= 0.5
                continue
            slope = self._slope(answer)
            if answer.value < self.bound:
                self._keep(answer, price, budget_price, hold_price)
                if float((slope * mean).sum()) >= 0:
                    self.step = min(2.0, self.step * 1.1)
                self.failures = 0
                self.found = True
            else:
                self.failures += 1
                if self.failures >= (PATIENCE if self.found else FIRST_PATIENCE):
                    self.step *= 0.66 if self.found else FIRST_SHORTER
                    self.failures = 0
            mean = self.mean = AVERAGE * slope + (1 - AVERAGE) * mean

    def ask(self, price: Points, budget_price: Points, hold_price: Points) -> None:
        """Ask people and towns at these prices, and keep them where the bound becomes better.
        Raises TooManyLoads."""
        self._keep(self.answer(price, budget_price, hold_price), price, budget_price, hold_price)

    def hold_at(self, holds: Sequence[tuple[str, int]]) -> None:
        """Hold the same stages at other values; the prices stay. Raises TooManyLoads."""
        if self.holds != tuple(holds):
            self.holds, self.bound, self.mean = tuple(holds), np.inf, None
            self.ask(self.price, self.budget_price, self.hold_price)

    def _slope(self, answer: Answer) -> Points:
        held = [answer.stages[name] - value for name, value in self.holds]
        return np.concatenate([answer.short, answer.left, np.array(held, dtype=float)])

    def _keep(self, answer: Answer, price: Points, budget: Points, hold: Points) -> None:
        if answer.value < self.bound:
            self.bound = answer.value
            self.price, self.budget_price, self.hold_price = price, budget, hold
