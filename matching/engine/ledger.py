"""What is left while pairs are taken and given back: the rules that join several pairs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .lookup import Lookup, Pair
from .rules import WEEKDAY_HALF_DAYS
from .types import Need

Visits = Sequence[tuple[Need, int, int]]  # a need, the weekdays it may be visited on, half-days


def weekday_room(need: Need, own: int, others: Visits) -> int:
    """Half-days of a need that fit the weekdays `own` beside the visits of the same person."""
    left = min(left for left, _ in weekday_limits(need, own, others))
    return min(need.half_days, left)


def weekday_limits(need: Need, own: int, others: Visits) -> Iterator[tuple[int, Visits]]:
    """The half-days of the need that each set of weekdays has left in the busiest months, and the
    visits bound to that set. Only months in which a visit begins are looked at: no other has more.

    By Hall's theorem visits fit when, for every set of weekdays, the visits bound to that
    set need no more half-days than the set has in a month.
    """
    others = [v for v in others if v[0].start < need.end and need.start < v[0].end]
    unions = {own}
    for _, mask, _ in others:
        unions |= {mask | union for union in unions}
    for union in unions:
        inside = [v for v in others if v[1] | union == union]
        room = 100 * WEEKDAY_HALF_DAYS * union.bit_count()
        if not inside:
            yield room // need.onsite_pct, ()
            continue
        for month in {max(need.start, o.start) for o, _, _ in inside}:
            active = [v for v in inside if v[0].start <= month < v[0].end]
            load = sum(o.onsite_pct * h for o, _, h in active)
            yield max(0, room - load) // need.onsite_pct, active


class Ledger:
    """Free half-days, towns, budgets and open places; the accepted pairs are taken at once.

    All positions are those of the lookup; half-days are a month, money is yen.
    """

    def __init__(self, lookup: Lookup) -> None:
        self.lookup = lookup
        self.free = [list(person.capacity) for person in lookup.people]
        self.places = [need.count for need in lookup.needs]
        self.towns: list[dict[str, int]] = [{} for _ in lookup.people]
        self.visits: dict[int, list[tuple[int, int]]] = {}  # person: (need, half-days) on site
        self.budget = {
            town.id: town.budget_yen for town in lookup.problem.towns if town.budget_yen is not None
        }
        self.taken: dict[tuple[int, int], int] = {}
        for pair in lookup.problem.accepted:
            self.take(lookup.need_at[pair.need], lookup.person_at[pair.specialist], pair.half_days)

    def room(self, pair: Pair) -> int:
        """The most half-days the pair could be given now; 0 when not even its least fits."""
        need = self.lookup.needs[pair.need]
        if self.places[pair.need] <= 0 or (pair.need, pair.person) in self.taken:
            return 0
        if not self.town_open(pair.person, need.town):
            return 0
        most = min(pair.most, *self.free[pair.person][need.start : need.end])
        rate = self.lookup.people[pair.person].half_day_rate_yen
        left = self.budget.get(need.town)
        if left is not None and rate:
            most = min(most, left // (rate * need.months))
        if need.onsite_pct and most >= pair.least:
            most = min(most, self.weekday_room(pair.need, pair.person))
        return most if most >= pair.least else 0

    def town_open(self, person_index: int, town: str) -> bool:
        """Whether the person serves the town already or may take one more."""
        person, served = self.lookup.people[person_index], self.towns[person_index]
        if town in served or town in person.serving:
            return True
        return len(person.serving.union(served)) < person.max_towns

    def weekday_room(self, need_index: int, person_index: int) -> int:
        """Half-days on site that still fit the weekdays of the person."""
        return weekday_room(*self.weekdays_of(need_index, person_index))

    def weekdays_of(self, need_index: int, person_index: int) -> tuple[Need, int, Visits]:
        """The need, the weekdays that suit both, and the visits of the person, with theirs."""
        need, person = self.lookup.needs[need_index], self.lookup.people[person_index]
        others = [
            (self.lookup.needs[i], self.lookup.needs[i].weekdays & person.weekdays, half_days)
            for i, half_days in self.visits.get(person_index, ())
        ]
        return need, need.weekdays & person.weekdays, others

    def services(self, town: str) -> int:
        """Places of the town that are filled now."""
        needs = self.lookup.needs_of_town.get(town, ())
        return sum(self.lookup.needs[i].count - self.places[i] for i in needs)

    def take(self, need_index: int, person_index: int, half_days: int) -> None:
        """Give the person to the need. The caller has asked `room` before."""
        self._move(need_index, person_index, half_days, 1)
        self.taken[need_index, person_index] = half_days

    def drop(self, need_index: int, person_index: int) -> None:
        """Undo `take`."""
        self._move(need_index, person_index, self.taken.pop((need_index, person_index)), -1)

    def _move(self, need_index: int, person_index: int, half_days: int, sign: int) -> None:
        need, person = self.lookup.needs[need_index], self.lookup.people[person_index]
        free = self.free[person_index]
        for month in range(need.start, need.end):
            free[month] -= sign * half_days
        self.places[need_index] -= sign
        towns = self.towns[person_index]
        towns[need.town] = towns.get(need.town, 0) + sign
        if not towns[need.town]:
            del towns[need.town]
        if need.town in self.budget:
            self.budget[need.town] -= sign * half_days * person.half_day_rate_yen * need.months
        if need.onsite_pct:
            visits = self.visits.setdefault(person_index, [])
            if sign > 0:
                visits.append((need_index, half_days))
            else:
                visits.remove((need_index, half_days))
