"""How many people each rule keeps from a need, by numpy: the counts of `rules.failed_rules`.

A plan for a country leaves hundreds of needs without anybody; asking every rule about every
person one by one would take longer than making the plan.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .arrays import Mask, PeopleColumns, Small
from .lookup import Lookup
from .rules import RULES, WEEKDAY_HALF_DAYS
from .types import Need

MOST = 1 << 14  # half-days: more than any month has


class Failures:
    """The columns of all people, made once and asked for any need."""

    def __init__(self, lookup: Lookup) -> None:
        self.lookup = lookup
        self.people = PeopleColumns(lookup)
        self.serving = [p.serving for p in lookup.people]
        self.most_towns = np.array([p.max_towns for p in lookup.people], dtype=np.int64)
        self.served = np.array([len(s) for s in self.serving], dtype=np.int64)
        self.known: dict[str, dict[str, int]] = {}
        self.windows: dict[tuple[int, int], tuple[Mask, Mask, Small]] = {}
        self.firms: dict[str, list[int]] = {}
        for j, person in enumerate(lookup.people):
            mine = person.interests | {person.vendor} if person.vendor else person.interests
            for firm in mine:
                self.firms.setdefault(firm, []).append(j)
        self.of_town: dict[str, list[int]] = {}
        for j, towns in enumerate(self.serving):
            for town in towns:
                self.of_town.setdefault(town, []).append(j)
        self.barred: dict[str, list[int]] = {}
        for need_id, person_id in lookup.declined:
            self.barred.setdefault(need_id, []).append(lookup.person_at[person_id])

    def counts(self, need: Need) -> dict[str, int]:
        """The number of people whom each rule keeps from the need, by its code."""
        if need.id in self.known:
            return self.known[need.id]
        masks = self._masks(need)
        found = self.known[need.id] = {}
        for code, _, _ in RULES:
            if code in self.lookup.problem.waived:
                continue
            count = int(np.count_nonzero(masks[code]()))
            if count:
                found[code] = count
        return found

    def _window(self, start: int, end: int) -> tuple[Mask, Mask, Small]:
        """Who has a month without time, who has any time at all, and the least of a month that
        has some."""
        if (start, end) not in self.windows:
            window = self.people.capacity[:, start:end]
            some = np.where(window > 0, window, np.int16(MOST)).min(axis=1)
            self.windows[start, end] = ((window == 0).any(axis=1), some < MOST, some)
        return self.windows[start, end]

    def _masks(self, need: Need) -> dict[str, Callable[[], Mask]]:
        p, town = self.people, self.lookup.towns[need.town]
        lacking_month, any_time, some = self._window(need.start, need.end)
        # A block larger than all that is wanted is told by its own rule (R14) only.
        own = p.block > need.half_days
        least = np.where(own, need.least, np.maximum(need.least, p.block)).astype(np.int64)
        common = p.common(need.weekdays)

        def skill() -> Mask:
            lacking = [p.level(code) < level for code, level in need.skills]
            return np.asarray(np.logical_or.reduce(lacking), dtype=bool)

        def capacity() -> Mask:
            return np.asarray((some < least) & any_time, dtype=bool)

        def weekdays() -> Mask:
            asked = need.onsite_pct * least
            room = 100 * WEEKDAY_HALF_DAYS * common.astype(np.int64)
            return np.asarray((common == 0) | (asked > room), dtype=bool)

        def distance() -> Mask:
            if not need.onsite_pct:
                return np.zeros(len(least), dtype=bool)
            square = (p.x - town.x) ** 2 + (p.y - town.y) ** 2
            return np.asarray(square >= (p.radius + 1) ** 2, dtype=bool)

        def pay() -> Mask:
            cap, budget_yen = need.half_day_rate_cap_yen, need.budget_yen
            over = p.rate > cap if cap is not None else np.zeros(len(least), dtype=bool)
            if budget_yen is not None:
                over = over | (p.least_yen(need, slice(None)) * least > budget_yen)
            return np.asarray(over, dtype=bool)

        def budget() -> Mask:
            if town.budget_yen is None:
                return np.zeros(len(least), dtype=bool)
            return np.asarray(p.rate * least * need.months > town.budget_yen)

        def towns() -> Mask:
            over = self.served + 1 > self.most_towns
            over[self.of_town.get(need.town, [])] = False
            return np.asarray(over, dtype=bool)

        return {
            "R1": skill,
            "R2": lambda: lacking_month,
            "R3": capacity,
            "R4": weekdays,
            "R5": distance,
            "R6": lambda: np.asarray(p.onsite < need.onsite_pct, dtype=bool),
            "R7": lambda: ~p.takes(need.forms),
            "R8": pay,
            "R9": budget,
            "R10": lambda: ~p.speaks(need.language),
            "R11": lambda: self._these(*(self.firms.get(firm, []) for firm in town.vendors)),
            "R12": lambda: self._these(self.barred.get(need.id, [])),
            "R13": lambda: np.asarray((p.first > need.start) | (p.last < need.end), dtype=bool),
            "R14": lambda: np.asarray(p.block > need.half_days, dtype=bool),
            "R15": towns,
        }

    def _these(self, *groups: list[int]) -> Mask:
        mask = np.zeros(len(self.served), dtype=bool)
        for rows in groups:
            mask[rows] = True
        return mask
