"""Loads: everything one person could do at once, as one column of the program.

A load is a set of needs with half-days that a single person can serve together: months,
towns and weekdays already fit, the bonuses for joint-use groups and shared routes are exact.
A program over loads is far tighter than one over pairs; where a pool has few enough loads it
is solved on all of them, else on those that prices ask for.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from .ledger import Ledger
from .lookup import Lookup, Pair, most_towns, same_way
from .rules import WEEKDAY_HALF_DAYS


class TooManyLoads(Exception):
    """There are more loads than asked for."""


@dataclass(frozen=True, slots=True)
class Load:
    """`choices` are (need, half-days) by position; `score` includes the bonuses."""

    person: int
    choices: tuple[tuple[int, int], ...]
    priority: int
    score: int


@dataclass(slots=True)
class _Choice:
    need: int
    start: int
    end: int
    least: int
    most: int
    base: int
    priority: int
    town: int
    town_id: str
    pct: int
    mask: int
    cost: int
    budgeted: bool
    same: tuple[int, ...]  # towns, by number, that lie the same way
    groups: tuple[int, ...]


class Space:
    """The choices of one person on top of what a ledger holds."""

    def __init__(
        self,
        lookup: Lookup,
        ledger: Ledger,
        person: int,
        pairs: Sequence[Pair],
        tight: Collection[str],
    ) -> None:
        """`tight` are the towns whose budget can bind."""
        self.person = person
        self.free = list(ledger.free[person])
        self.weights = lookup.weights
        who = lookup.people[person]
        held = ledger.towns[person]
        known = who.serving.union(held)
        self.new_towns = max(0, who.max_towns - len(known))
        numbers: dict[str, int] = {}
        for town in sorted(held):
            numbers.setdefault(town, len(numbers))
        chosen = [(pair, room) for pair in pairs if (room := ledger.room(pair))]
        for pair, _ in chosen:
            numbers.setdefault(lookup.needs[pair.need].town, len(numbers))
        self.known = {numbers[town] for town in known if town in numbers}
        self.held = {numbers[town] for town in held}
        self.visited = {numbers[lookup.needs[i].town] for i, _ in ledger.visits.get(person, ())}
        self.group_held: dict[int, int] = {}
        for town in held:
            for group in lookup.groups_of_town.get(town, ()):
                self.group_held[group] = self.group_held.get(group, 0) + 1
        self.visits_held = [
            (n.weekdays & who.weekdays, n.onsite_pct * h, n.start, n.end)
            for n, h in ((lookup.needs[i], h) for i, h in ledger.visits.get(person, ()))
        ]
        on_site = {
            lookup.needs[pair.need].town for pair, _ in chosen if lookup.needs[pair.need].onsite_pct
        } | {lookup.needs[i].town for i, _ in ledger.visits.get(person, ())}
        same: dict[str, list[int]] = {town: [] for town in on_site}
        if lookup.weights.route and most_towns(who, held) > 1:
            ordered = sorted(on_site)
            for at, a in enumerate(ordered):
                for b in ordered[at + 1 :]:
                    if same_way(who, lookup.towns[a], lookup.towns[b]):
                        same[a].append(numbers[b])
                        same[b].append(numbers[a])
        self.choices: list[_Choice] = []
        for pair, room in chosen:
            need = lookup.needs[pair.need]
            self.choices.append(
                _Choice(
                    pair.need, need.start, need.end, pair.least, room, pair.base, need.priority,
                    numbers[need.town], need.town, need.onsite_pct, need.weekdays & who.weekdays,
                    who.half_day_rate_yen * need.months, need.town in tight,
                    tuple(same.get(need.town, ())) if need.onsite_pct else (),
                    lookup.groups_of_town.get(need.town, ()),  # type: ignore[arg-type]
                )
            )  # fmt: skip
        # Weekdays can only bind where all visits together ask for more than the fewest days have.
        fewest = min((c.mask.bit_count() for c in self.choices if c.pct), default=7)
        most_free = max(self.free, default=0)
        self.weekdays_bind = bool(self.visits_held) or 100 * most_free > (
            100 * WEEKDAY_HALF_DAYS * fewest
        )

    def singles(self) -> list[Load]:
        """The loads of one choice each."""
        return [self.load_of([(c.need, c.most)]) for c in self.choices]

    def holds(self, choices: Sequence[tuple[int, int]]) -> bool:
        """Whether all these needs are among the choices."""
        known = {c.need for c in self.choices}
        return all(i in known for i, _ in choices)

    def load_of(self, choices: Sequence[tuple[int, int]]) -> Load:
        """The load of these needs and half-days, which are known to fit together."""
        of_need = {c.need: c for c in self.choices}
        groups, towns, visited = dict(self.group_held), set(self.held), set(self.visited)
        priority = score = 0
        for i, half_days in choices:
            c = of_need[i]
            priority += c.priority
            score += c.base + self.weights.served * half_days
            if c.town not in towns:
                towns.add(c.town)
                for group in c.groups:
                    score += self.weights.group * (groups.get(group, 0) > 0)
                    groups[group] = groups.get(group, 0) + 1
            if c.pct and c.town not in visited:
                score += self.weights.route * sum(town in visited for town in c.same)
                visited.add(c.town)
        return Load(self.person, tuple(choices), priority, score)

    def all_loads(self, limit: int) -> list[Load]:
        """Every load worth having: none that could take more half-days for nothing.

        Raises TooManyLoads beyond `limit`.
        """
        choices = self.choices
        weights = self.weights
        found: list[Load] = []
        free = list(self.free)
        towns: dict[int, int] = {}
        visited: dict[int, int] = {}
        groups = dict(self.group_held)
        visits = list(self.visits_held)
        chosen: list[tuple[int, int]] = []
        known = self.known

        def extend(first: int, new: int, priority: int, score: int) -> None:
            for k in range(first, len(choices)):
                c = choices[k]
                town = c.town
                fresh = town not in towns and town not in known
                if fresh and new >= self.new_towns:
                    continue
                window = free[c.start : c.end]
                most = min(c.most, *window)
                if most < c.least:
                    continue
                bonus = 0
                if town not in towns and town not in self.held:
                    for group in c.groups:
                        if groups.get(group, 0):
                            bonus += weights.group
                        groups[group] = groups.get(group, 0) + 1
                if c.pct and town not in visited and town not in self.visited:
                    bonus += weights.route * sum(t in visited or t in self.visited for t in c.same)
                towns[town] = towns.get(town, 0) + 1
                if c.pct:
                    visited[town] = visited.get(town, 0) + 1
                for half_days in range(most, c.least - 1, -1):
                    if c.pct and self.weekdays_bind:
                        visits.append((c.mask, c.pct * half_days, c.start, c.end))
                        if not fits_weekdays(visits, c.start, c.end):
                            visits.pop()
                            continue
                    free[c.start : c.end] = [f - half_days for f in window]
                    chosen.append((k, half_days))
                    points = score + c.base + weights.served * half_days + bonus
                    if not self._wasteful(choices, chosen, free, visits):
                        if len(found) >= limit:
                            raise TooManyLoads
                        found.append(
                            Load(
                                self.person,
                                tuple((choices[i].need, h) for i, h in chosen),
                                priority + c.priority,
                                points,
                            )
                        )
                    extend(k + 1, new + fresh, priority + c.priority, points)
                    chosen.pop()
                    if c.pct and self.weekdays_bind:
                        visits.pop()
                free[c.start : c.end] = window
                if c.pct:
                    visited[town] -= 1
                    if not visited[town]:
                        del visited[town]
                towns[town] -= 1
                if not towns[town]:
                    del towns[town]
                    if town not in self.held:
                        for group in c.groups:
                            groups[group] -= 1

        extend(0, 0, 0, 0)
        return found

    def _wasteful(
        self,
        choices: Sequence[_Choice],
        chosen: Sequence[tuple[int, int]],
        free: Sequence[int],
        visits: Sequence[tuple[int, int, int, int]],
    ) -> bool:
        """Whether a choice could take one half-day more that nobody else would miss.

        Towns with a budget are left out: there fewer half-days save money.
        """
        for k, half_days in chosen:
            c = choices[k]
            if half_days < c.most and not c.budgeted and min(free[c.start : c.end]) > 0:
                if c.pct and self.weekdays_bind:
                    more = [*visits, (c.mask, c.pct, c.start, c.end)]
                    if not fits_weekdays(more, c.start, c.end):
                        continue
                return True
        return False


def fits_weekdays(visits: Sequence[tuple[int, int, int, int]], start: int, end: int) -> bool:
    """Hall's condition on the weekdays, for the months of the newest visit."""
    newest = visits[-1][0]
    unions = {newest}
    for mask, _, _, _ in visits[:-1]:
        unions |= {mask | union for union in unions}
    for union in unions:
        inside = [v for v in visits if v[0] | union == union]
        if sum(v[1] for v in inside) <= 100 * WEEKDAY_HALF_DAYS * union.bit_count():
            continue
        for month in range(start, end):
            load = sum(v[1] for v in inside if v[2] <= month < v[3])
            if load > 100 * WEEKDAY_HALF_DAYS * union.bit_count():
                return False
    return True
