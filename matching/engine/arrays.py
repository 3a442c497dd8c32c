"""Eligible pairs by numpy: the same rows as `pairs`, for pools of any size.

Needs are looked at one by one against the people of their rarest skill; each rule is one
comparison over those people.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .lookup import Lookup, Pair
from .rules import WEEKDAY_HALF_DAYS
from .scoring import LEVELS_ABOVE
from .types import Need

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
Small = NDArray[np.integer]
UNLIMITED = 1 << 14  # months
NOTHING_LEFT = -(1 << 60)
MOST_POSSIBLE = 20_000_000  # needs × people of which all eligible pairs are worked on
KEPT_PAIRS = 40  # of each need beyond that


@dataclass(frozen=True, slots=True)
class PairArrays:
    """The eligible pairs as columns, ordered by need and person."""

    need: Ints
    person: Ints
    least: Ints
    most: Ints
    base: Ints
    rest: Ints  # by need: the best score among the pairs left out, NOTHING_LEFT without such

    def __len__(self) -> int:
        return len(self.need)

    def pairs(self, rows: Ints | None = None) -> list[Pair]:
        """The pairs as records, all or the rows given."""
        columns = (self.need, self.person, self.least, self.most, self.base)
        chosen = columns if rows is None else tuple(column[rows] for column in columns)
        return [Pair(*row) for row in zip(*(c.tolist() for c in chosen), strict=True)]


class PeopleColumns:
    """The columns of people; the narrowest types that hold them, as large pools are read from
    memory again for each need."""

    def __init__(self, lookup: Lookup) -> None:
        people = lookup.people
        self.index: Ints = np.arange(len(people))
        self.whole: PeopleColumns | None = None
        self.people = people
        self.capacity = np.array([p.capacity for p in people], dtype=np.int16)
        self.weekdays = np.array([p.weekdays for p in people], dtype=np.uint8)
        self.rate = np.array([p.half_day_rate_yen for p in people], dtype=np.int64)
        self.fixed = np.array([p.monthly_fixed_yen for p in people], dtype=np.int64)
        self.x = np.array([p.x for p in people], dtype=np.int64)
        self.y = np.array([p.y for p in people], dtype=np.int64)
        self.radius = np.array([p.radius_m for p in people], dtype=np.int64)
        self.onsite = np.array([p.onsite_max_pct for p in people], dtype=np.int16)
        self.block = np.array([p.min_block for p in people], dtype=np.int16)
        self.confidence = np.array([p.confidence for p in people], dtype=np.int16)
        self.first = np.array([p.permission[0] if p.permission else 0 for p in people], np.int16)
        last = [p.permission[1] if p.permission else UNLIMITED for p in people]
        self.last = np.array(last, dtype=np.int16)
        self.full = np.array([len(p.serving) >= p.max_towns for p in people], dtype=bool)
        self._tables()

    def _tables(self) -> None:
        self.farthest = int(self.radius.max(initial=0))
        self.levels: dict[str, Small] = {}
        self.languages: dict[str, Mask] = {}
        self.forms: dict[frozenset[str], Mask] = {}
        self.rooms: dict[tuple[int, int], Small] = {}
        self.shared: dict[int, Small] = {}

    def of(self, index: Ints) -> PeopleColumns:
        """The columns of some of the people, such as those who have one skill."""
        part = copy(self)
        part.index, part.whole = index, self
        for name, column in vars(self).items():
            if isinstance(column, np.ndarray) and name != "index":
                setattr(part, name, column[index])
        part._tables()
        return part

    def level(self, code: str) -> Small:
        if code not in self.levels:
            if self.whole is not None:
                self.levels[code] = self.whole.level(code)[self.index]
            else:
                found = [p.levels.get(code, 0) for p in self.people]
                self.levels[code] = np.array(found, dtype=np.int8)
        return self.levels[code]

    def speaks(self, language: str) -> Mask:
        if language not in self.languages:
            if self.whole is not None:
                self.languages[language] = self.whole.speaks(language)[self.index]
            else:
                found = [language in p.languages for p in self.people]
                self.languages[language] = np.array(found, dtype=bool)
        return self.languages[language]

    def takes(self, forms: frozenset[str]) -> Mask:
        if forms not in self.forms:
            if self.whole is not None:
                self.forms[forms] = self.whole.takes(forms)[self.index]
            else:
                found = [not p.forms or not forms or bool(p.forms & forms) for p in self.people]
                self.forms[forms] = np.array(found, dtype=bool)
        return self.forms[forms]

    def room(self, start: int, end: int) -> Small:
        """The half-days free in every month of a window."""
        if (start, end) not in self.rooms:
            self.rooms[start, end] = self.capacity[:, start:end].min(axis=1)
        return self.rooms[start, end]

    def least_yen(self, need: Need, rows: Ints | slice) -> Ints:
        """The least that a half-day a month costs over the need's window: `rules.least_yen`."""
        cost = self.rate[rows] * need.months
        fixed = self.fixed[rows]
        if fixed.any():
            free = np.maximum(1, self.capacity[rows, need.start : need.end]).astype(np.int64)
            cost = cost + (fixed[:, None] // free).sum(axis=1)
        return np.asarray(cost, dtype=np.int64)

    def common(self, weekdays: int) -> Small:
        """How many of these weekdays each person can work."""
        if weekdays not in self.shared:
            self.shared[weekdays] = np.bitwise_count(self.weekdays & np.uint8(weekdays))
        return self.shared[weekdays]


def eligible_arrays(
    lookup: Lookup, needs: Iterable[int] | None = None, most: int | None = None
) -> PairArrays:
    """All eligible pairs of a problem, equal to `pairs.eligible_pairs`; those of `needs` only
    where given. With `most` only so many pairs of each need, or as many as it has places, those
    with the best scores, and `rest` says what the best of the others would score."""
    by_skill: dict[str, list[int]] = {}
    interested: dict[str, list[int]] = {}
    serving: dict[str, list[int]] = {}
    for j, person in enumerate(lookup.people):
        for code in person.levels:
            by_skill.setdefault(code, []).append(j)
        for firm in person.interests | {person.vendor} if person.vendor else person.interests:
            interested.setdefault(firm, []).append(j)
        for town in person.serving:
            serving.setdefault(town, []).append(j)
    barred: dict[str, list[int]] = {}
    for need_id, person_id in lookup.declined:
        barred.setdefault(need_id, []).append(lookup.person_at[person_id])
    of_firm = {firm: np.array(rows) for firm, rows in interested.items()}
    everyone = PeopleColumns(lookup)
    people = {code: everyone.of(_by_place(everyone, rows)) for code, rows in by_skill.items()}
    apart = np.zeros(len(lookup.people), dtype=bool)
    there = np.zeros(len(lookup.people), dtype=bool)
    parts: list[tuple[Ints, ...]] = []
    rest = np.full(len(lookup.needs), NOTHING_LEFT, dtype=np.int64)
    for i in range(len(lookup.needs)) if needs is None else needs:
        need = lookup.needs[i]
        codes = [code for code, _ in need.skills]
        if any(code not in people for code in codes):
            continue
        group = people[min(codes, key=lambda code: len(by_skill[code]))]
        firms = lookup.towns[need.town].vendors
        out: list[list[int] | Ints] = [barred.get(need.id, [])]
        out += [of_firm[firm] for firm in firms if firm in of_firm]
        for rows in out:
            apart[rows] = True
        there[serving.get(need.town, [])] = True
        part = _of_need(lookup, i, need, group, apart, there)
        for rows in out:
            apart[rows] = False
        there[serving.get(need.town, [])] = False
        kept = len(part[0]) if most is None else max(most, need.count)
        if len(part[0]) > kept:
            part, rest[i] = _best(part, kept, lookup.weights.served)
        order = np.argsort(part[1])
        parts.append(tuple(column[order] for column in part))
    if not parts:
        empty = np.zeros(0, dtype=np.int64)
        return PairArrays(empty, empty, empty, empty, empty, rest)
    need_at, person_at, least, half_days, base = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    return PairArrays(need_at, person_at, least, half_days, base, rest)


def arrays_of(lookup: Lookup) -> PairArrays:
    """The eligible pairs to work on: all, or in very large pools the best of each need; the
    bounds hold for all pairs in any case (`pricing.Pricing.high`)."""
    possible = len(lookup.needs) * len(lookup.people)
    if possible <= MOST_POSSIBLE:
        return eligible_arrays(lookup)
    return eligible_arrays(lookup, most=KEPT_PAIRS)


def cut_short(arrays: PairArrays) -> frozenset[int]:
    """The needs of which only the best pairs were kept: their reasons speak of those only, for
    all pairs of all open needs of a very large pool take more memory than there is."""
    return frozenset(np.flatnonzero(arrays.rest != NOTHING_LEFT).tolist())


def _best(part: tuple[Ints, ...], most: int, served: int) -> tuple[tuple[Ints, ...], int]:
    """The pairs of one need with the best scores, of equals the first people, and the best score
    of the others."""
    score = part[4] + served * part[3]
    last, left_out = np.partition(score, (len(score) - most - 1, len(score) - most))[
        [len(score) - most, len(score) - most - 1]
    ].tolist()
    kept, equal = np.flatnonzero(score > last), np.flatnonzero(score == last)
    equal = equal[np.argsort(part[1][equal])][: most - len(kept)]
    kept = np.concatenate([kept, equal])
    return tuple(column[kept] for column in part), int(left_out)


def _by_place(everyone: PeopleColumns, rows: list[int]) -> Ints:
    """The people from west to east, so that a visit looks at a strip of the country only."""
    index = np.array(rows, dtype=np.int64)
    return index[np.argsort(everyone.x[index], kind="stable")]


def _of_need(
    lookup: Lookup, at: int, need: Need, p: PeopleColumns, apart: Mask, there: Mask
) -> tuple[Ints, ...]:
    """The pairs of one need. `apart` are people it may not have whatever the columns say,
    `there` those who serve its town already."""
    town = lookup.towns[need.town]
    strip = slice(None)
    near_only = bool(need.onsite_pct) and "R5" not in lookup.problem.waived
    payable_only = "R8" not in lookup.problem.waived
    if near_only:
        first, last = np.searchsorted(p.x, (town.x - p.farthest, town.x + p.farthest + 1))
        strip = slice(int(first), int(last))
    keep = p.level(need.skills[0][0])[strip] >= need.skills[0][1]
    for code, level in need.skills[1:]:
        keep &= p.level(code)[strip] >= level
    keep &= p.speaks(need.language)[strip] & p.takes(need.forms)[strip]
    keep &= (p.first[strip] <= need.start) & (p.last[strip] >= need.end)
    keep &= p.onsite[strip] >= need.onsite_pct
    keep &= p.room(need.start, need.end)[strip] >= need.least
    if need.half_day_rate_cap_yen is not None and payable_only:
        keep &= p.rate[strip] <= need.half_day_rate_cap_yen
    rows = np.flatnonzero(keep) + (strip.start or 0)
    metres = np.zeros(len(rows), dtype=np.int64)
    if need.onsite_pct:
        square = (p.x[rows] - town.x) ** 2 + (p.y[rows] - town.y) ** 2
        metres = np.floor(np.sqrt(square.astype(float))).astype(np.int64)
        metres -= metres * metres > square  # the root of a large square may be one too high
    if near_only:
        near = metres <= p.radius[rows]
        rows, metres = rows[near], metres[near]
    common = p.common(need.weekdays)[rows].astype(np.int64)
    least = np.maximum(need.least, p.block[rows]).astype(np.int64)
    most = np.minimum(need.half_days, p.room(need.start, need.end)[rows]).astype(np.int64)
    if need.onsite_pct:
        most = np.minimum(most, 100 * WEEKDAY_HALF_DAYS * common // need.onsite_pct)
    if town.budget_yen is not None:
        cost = p.rate[rows] * need.months
        room = np.where(cost > 0, town.budget_yen // np.maximum(cost, 1), need.half_days)
        most = np.minimum(most, room)
    if need.budget_yen is not None and payable_only:
        most = np.minimum(most, need.budget_yen // np.maximum(1, p.least_yen(need, rows)))
    person = p.index[rows]
    ok = (common > 0) & (most >= least) & ~apart[person] & (~p.full[rows] | there[person])
    kept = np.flatnonzero(ok)
    rows, metres, common, person = rows[kept], metres[kept], common[kept], person[kept]
    base = _base(lookup, need, p, rows, metres, common)
    return (np.full(len(rows), at), person, least[kept], most[kept], base)


def _base(
    lookup: Lookup, need: Need, p: PeopleColumns, rows: Ints, metres: Ints, common: Ints
) -> Ints:
    """The points of `scoring.base_terms`, a column at a time."""
    weights = lookup.weights
    above = np.zeros(len(rows), dtype=np.int64)
    for code, level in need.skills:
        above += p.level(code)[rows]
        above -= level
    points = weights.level * np.maximum(0, LEVELS_ABOVE - above) // LEVELS_ABOVE
    if need.onsite_pct:
        radius = np.maximum(1, p.radius[rows])
        points = points + weights.travel * np.maximum(0, radius - metres) // radius
    else:
        points = points + weights.travel
    cap = need.half_day_rate_cap_yen
    if cap:
        points = points + weights.pay * np.maximum(0, cap - p.rate[rows]) // cap
    else:
        points = points + weights.pay // 2
    points = points + weights.weekdays * common // need.weekdays.bit_count()
    points = points + weights.confidence * p.confidence[rows].astype(np.int64) // 1000
    if need.present is not None and need.present in lookup.person_at:
        points = points + weights.continuity * (p.index[rows] == lookup.person_at[need.present])
    return np.asarray(points, dtype=np.int64)
