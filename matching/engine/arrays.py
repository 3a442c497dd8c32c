"""Eligible pairs by numpy: the same rows as `pairs`, for pools of any size.

Needs are looked at one by one against the people of their rarest skill; each rule is one
comparison over those people.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .lookup import Lookup, Pair
from .rules import WEEKDAY_HALF_DAYS
from .scoring import LEVELS_ABOVE
from .types import Need

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
UNLIMITED = 1 << 40


@dataclass(frozen=True, slots=True)
class PairArrays:
    """The eligible pairs as columns, ordered by need and person."""

    need: Ints
    person: Ints
    least: Ints
    most: Ints
    base: Ints

    def __len__(self) -> int:
        return len(self.need)

    def pairs(self, rows: Ints | None = None) -> list[Pair]:
        """The pairs as records, all or the rows given."""
        columns = (self.need, self.person, self.least, self.most, self.base)
        chosen = columns if rows is None else tuple(column[rows] for column in columns)
        return [Pair(*row) for row in zip(*(c.tolist() for c in chosen), strict=True)]


class _People:
    """The columns of the people who have one skill."""

    def __init__(self, lookup: Lookup, index: Ints) -> None:
        people = [lookup.people[i] for i in index.tolist()]
        self.index = index
        self.people = people
        self.capacity = np.array([p.capacity for p in people], dtype=np.int16)
        self.weekdays = np.array([p.weekdays for p in people], dtype=np.int64)
        self.rate = np.array([p.half_day_rate_yen for p in people], dtype=np.int64)
        self.x = np.array([p.x for p in people], dtype=np.int64)
        self.y = np.array([p.y for p in people], dtype=np.int64)
        self.radius = np.array([p.radius_m for p in people], dtype=np.int64)
        self.onsite = np.array([p.onsite_max_pct for p in people], dtype=np.int64)
        self.block = np.array([p.min_block for p in people], dtype=np.int64)
        self.confidence = np.array([p.confidence for p in people], dtype=np.int64)
        self.first = np.array([p.permission[0] if p.permission else 0 for p in people])
        self.last = np.array([p.permission[1] if p.permission else UNLIMITED for p in people])
        self.full = np.array([len(p.serving) >= p.max_towns for p in people], dtype=bool)
        self.levels: dict[str, Ints] = {}
        self.languages: dict[str, Mask] = {}
        self.forms: dict[frozenset[str], Mask] = {}

    def level(self, code: str) -> Ints:
        if code not in self.levels:
            self.levels[code] = np.array([p.levels.get(code, 0) for p in self.people])
        return self.levels[code]

    def speaks(self, language: str) -> Mask:
        if language not in self.languages:
            self.languages[language] = np.array([language in p.languages for p in self.people])
        return self.languages[language]

    def takes(self, forms: frozenset[str]) -> Mask:
        if forms not in self.forms:
            found = [not p.forms or not forms or bool(p.forms & forms) for p in self.people]
            self.forms[forms] = np.array(found, dtype=bool)
        return self.forms[forms]


def eligible_arrays(lookup: Lookup) -> PairArrays:
    """All eligible pairs of a problem, equal to `pairs.eligible_pairs`."""
    by_skill: dict[str, list[int]] = {}
    interested: dict[str, set[int]] = {}
    serving: dict[str, set[int]] = {}
    for i, person in enumerate(lookup.people):
        for code in person.levels:
            by_skill.setdefault(code, []).append(i)
        for firm in person.interests | {person.vendor} if person.vendor else person.interests:
            interested.setdefault(firm, set()).add(i)
        for town in person.serving:
            serving.setdefault(town, set()).add(i)
    barred: dict[str, set[int]] = {}
    for need_id, person_id in lookup.declined:
        barred.setdefault(need_id, set()).add(lookup.person_at[person_id])
    people = {c: _People(lookup, np.array(rows)) for c, rows in by_skill.items()}
    parts: list[tuple[Ints, ...]] = []
    for i, need in enumerate(lookup.needs):
        codes = [code for code, _ in need.skills]
        if any(code not in people for code in codes):
            continue
        group = people[min(codes, key=lambda code: len(by_skill[code]))]
        out = set(barred.get(need.id, ()))
        for firm in lookup.towns[need.town].vendors:
            out |= interested.get(firm, set())
        parts.append(_of_need(lookup, i, need, group, out, serving.get(need.town, set())))
    if not parts:
        empty = np.zeros(0, dtype=np.int64)
        return PairArrays(empty, empty, empty, empty, empty)
    return PairArrays(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _of_need(
    lookup: Lookup, at: int, need: Need, p: _People, out: set[int], serving: set[int]
) -> tuple[Ints, ...]:
    town = lookup.towns[need.town]
    keep = p.level(need.skills[0][0]) >= need.skills[0][1]
    for code, level in need.skills[1:]:
        keep &= p.level(code) >= level
    keep &= p.speaks(need.language) & p.takes(need.forms)
    keep &= (p.first <= need.start) & (p.last >= need.end) & (p.onsite >= need.onsite_pct)
    if need.half_day_rate_cap_yen is not None:
        keep &= p.rate <= need.half_day_rate_cap_yen
    rows = np.flatnonzero(keep)
    metres = np.zeros(len(rows), dtype=np.int64)
    if need.onsite_pct:
        square = (p.x[rows] - town.x) ** 2 + (p.y[rows] - town.y) ** 2
        metres = np.floor(np.sqrt(square.astype(float))).astype(np.int64)
        metres -= metres * metres > square  # the root of a large square may be one too high
        near = metres <= p.radius[rows]
        rows, metres = rows[near], metres[near]
    common = np.bitwise_count(p.weekdays[rows] & need.weekdays).astype(np.int64)
    least = np.maximum(need.least, p.block[rows])
    most = np.minimum(need.half_days, p.capacity[rows, need.start : need.end].min(axis=1))
    most = most.astype(np.int64)
    if need.onsite_pct:
        most = np.minimum(most, 100 * WEEKDAY_HALF_DAYS * common // need.onsite_pct)
    if town.budget_yen is not None:
        cost = p.rate[rows] * need.months
        room = np.where(cost > 0, town.budget_yen // np.maximum(cost, 1), need.half_days)
        most = np.minimum(most, room)
    ok = (common > 0) & (most >= least)
    person = p.index[rows]
    full = p.full[rows]
    if out or full.any():
        for k in np.flatnonzero(ok).tolist():
            j = int(person[k])
            if j in out or (full[k] and j not in serving):
                ok[k] = False
    rows, metres, common, person = rows[ok], metres[ok], common[ok], person[ok]
    base = _base(lookup, need, p, rows, metres, common)
    return (np.full(len(rows), at), person, least[ok], most[ok], base)


def _base(lookup: Lookup, need: Need, p: _People, rows: Ints, metres: Ints, common: Ints) -> Ints:
    """The points of `scoring.base_terms`, a column at a time."""
    weights = lookup.weights
    above = sum((p.level(code)[rows] - level for code, level in need.skills), np.int64(0))
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
    points = points + weights.confidence * p.confidence[rows] // 1000
    if need.present is not None and need.present in lookup.person_at:
        points = points + weights.continuity * (p.index[rows] == lookup.person_at[need.present])
    return np.asarray(points, dtype=np.int64)
