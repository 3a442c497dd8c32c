"""The program behind a plan: places, half-days, towns, budgets, weekdays, and its bonuses.

It covers what the accepted pairs leave: they are taken in a ledger first. A choice is a pair
with room: column x says whether, column q how many half-days where there is a range.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from math import gcd

from .ledger import Ledger
from .lookup import Lookup, Pair, most_towns, same_way
from .rows import Rows
from .rules import WEEKDAY_HALF_DAYS
from .stages import Taken, counts_towns, most_counted, places_counted


class Model:
    """Columns and rows for the pairs given, and the objective of every stage."""

    def __init__(self, lookup: Lookup, ledger: Ledger, pairs: Sequence[Pair]) -> None:
        self.lookup = lookup
        self.ledger = ledger
        self.rows = Rows()
        self.pairs: list[Pair] = []
        self.x: list[int] = []
        self.q: list[int | None] = []  # None: the half-days are `most` whenever x is 1
        self.of_need: dict[int, list[int]] = {}
        self.of_person: dict[int, list[int]] = {}
        self.y: dict[tuple[int, str], int] = {}
        self.c: dict[tuple[str, int], int] = {}
        self.all_in: dict[int, int] = {}
        self.bonus: dict[int, int] = {}  # column: points
        self.z: dict[tuple[int, int], int] = {}
        self.r: dict[tuple[int, str, str], int] = {}
        self.held: dict[str, int] = {}  # services the held pairs give a town
        for pair in pairs:
            room = ledger.room(pair)
            if room:
                self._choice(Pair(pair.need, pair.person, pair.least, room, pair.base))
        self.towns = sorted({lookup.needs[i].town for i in self.of_need})
        self._places()
        for person_index in sorted(self.of_person):
            self._capacity(person_index)
            self._weekdays(person_index)
            self._towns(person_index)
            self._groups(person_index)
            self._routes(person_index)
        self._budgets()
        self._services()

    def _choice(self, pair: Pair) -> None:
        k = len(self.pairs)
        self.pairs.append(pair)
        x = self.rows.column(0, 1)
        self.x.append(x)
        if pair.least < pair.most:
            q = self.rows.column(0, pair.most)
            self.rows.row({q: 1, x: -pair.most}, most=0)
            self.rows.row({q: 1, x: -pair.least}, least=0)
            self.q.append(q)
        else:
            self.q.append(None)
        self.of_need.setdefault(pair.need, []).append(k)
        self.of_person.setdefault(pair.person, []).append(k)

    def _half_days(self, k: int, factor: int = 1) -> tuple[int, int]:
        """The column and coefficient that stand for factor × half-days of choice k."""
        q = self.q[k]
        return (self.x[k], factor * self.pairs[k].most) if q is None else (q, factor)

    def _places(self) -> None:
        for i, choices in self.of_need.items():
            places = self.ledger.places[i]
            coefficients = {self.x[k]: 1 for k in choices}
            if self.lookup.needs[i].all_or_nothing and places > 1:
                # One column decides for all places; with too few people nobody comes.
                every = self.rows.column(0, 1 if len(choices) >= places else 0)
                self.all_in[i] = every
                self.rows.row({**coefficients, every: -places}, least=0, most=0)
            elif len(choices) > places:
                self.rows.row(coefficients, most=places)

    def _capacity(self, person_index: int) -> None:
        free = self.ledger.free[person_index]
        tightest: dict[tuple[int, ...], int] = {}
        for month in range(self.lookup.problem.horizon):
            active = tuple(
                k for k in self.of_person[person_index]
                if self.lookup.needs[self.pairs[k].need].start <= month
                < self.lookup.needs[self.pairs[k].need].end
            )  # fmt: skip
            if sum(self.pairs[k].most for k in active) > free[month]:
                tightest[active] = min(free[month], tightest.get(active, free[month]))
        for active, half_days in tightest.items():
            self.rows.row(dict(self._half_days(k) for k in active), most=half_days)

    def _weekdays(self, person_index: int) -> None:
        """Hall's condition: visits bound to a set of weekdays fit into that set."""
        lookup, person = self.lookup, self.lookup.people[person_index]
        visits = [
            (lookup.needs[self.pairs[k].need], k, 0)
            for k in self.of_person[person_index]
            if lookup.needs[self.pairs[k].need].onsite_pct
        ]
        held = [(lookup.needs[i], -1, h) for i, h in self.ledger.visits.get(person_index, ())]
        unions: set[int] = set()
        for need, _, _ in (*visits, *held):
            mask = need.weekdays & person.weekdays
            unions |= {mask} | {mask | union for union in unions}
        made: set[tuple[tuple[int, ...], int]] = set()
        for union in sorted(unions):
            inside = [v for v in visits if v[0].weekdays & person.weekdays | union == union]
            for month in range(lookup.problem.horizon):
                left = 100 * WEEKDAY_HALF_DAYS * union.bit_count() - sum(
                    need.onsite_pct * half_days for need, _, half_days in held
                    if need.weekdays & person.weekdays | union == union
                    and need.start <= month < need.end
                )  # fmt: skip
                active = [(n, k) for n, k, _ in inside if n.start <= month < n.end]
                if sum(n.onsite_pct * self.pairs[k].most for n, k in active) <= left:
                    continue
                key = (tuple(k for _, k in active), left)
                if key not in made:
                    made.add(key)
                    load = dict(self._half_days(k, n.onsite_pct) for n, k in active)
                    self.rows.row(load, most=max(0, left))

    def _choices_by_town(self, person_index: int) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for k in self.of_person[person_index]:
            found.setdefault(self.lookup.needs[self.pairs[k].need].town, []).append(k)
        return found

    def _present(self, person_index: int, town: str, choices: list[int]) -> int:
        """The column that says whether the person serves the town."""
        if len(choices) == 1:
            return self.x[choices[0]]
        if (person_index, town) not in self.y:
            y = self.y[person_index, town] = self.rows.column(0, 1)
            self.rows.row({**{self.x[k]: 1 for k in choices}, y: -1}, least=0)
            for k in choices:
                self.rows.row({y: 1, self.x[k]: -1}, least=0)
        return self.y[person_index, town]

    def _towns(self, person_index: int) -> None:
        person, held = self.lookup.people[person_index], self.ledger.towns[person_index]
        known = person.serving.union(held)
        new = {t: c for t, c in self._choices_by_town(person_index).items() if t not in known}
        left = max(0, person.max_towns - len(known))
        if len(new) > left:
            columns = {self._present(person_index, t, c): 1 for t, c in new.items()}
            self.rows.row(columns, most=left)

    def _groups(self, person_index: int) -> None:
        points = self.lookup.weights.group
        if not points:
            return
        held = self.ledger.towns[person_index]
        in_group: dict[int, list[tuple[str, list[int]]]] = {}
        for town, choices in self._choices_by_town(person_index).items():
            for group in self.lookup.groups_of_town.get(town, ()):
                if town not in held:
                    in_group.setdefault(group, []).append((town, choices))
        for group, towns in in_group.items():
            anchored = bool(self.lookup.problem.groups[group].towns & held.keys())
            if not anchored and len(towns) < 2:
                continue
            present = [self._present(person_index, t, c) for t, c in towns]
            for column in present:
                self.bonus[column] = self.bonus.get(column, 0) + points
            if not anchored:
                z = self.z[group, person_index] = self.rows.column(0, 1)
                self.bonus[z] = -points
                for column in present:
                    self.rows.row({z: 1, column: -1}, least=0)

    def _routes(self, person_index: int) -> None:
        points, lookup = self.lookup.weights.route, self.lookup
        if not points:
            return
        needs = lookup.needs
        visits: dict[str, list[int]] = {}
        for town, choices in self._choices_by_town(person_index).items():
            on_site = [k for k in choices if needs[self.pairs[k].need].onsite_pct]
            if on_site:
                visits[town] = on_site
        held = {needs[i].town for i, _ in self.ledger.visits.get(person_index, ())}
        for town in held:
            visits[town] = []
        if most_towns(lookup.people[person_index], self.ledger.towns[person_index]) < 2:
            return
        for a, b in combinations(sorted(visits), 2):
            if a in held and b in held:
                continue
            if same_way(lookup.people[person_index], lookup.towns[a], lookup.towns[b]):
                r = self.r[person_index, a, b] = self.rows.column(0, 1)
                self.bonus[r] = points
                for town in (a, b):
                    if town not in held:
                        visit = {self.x[k]: 1 for k in visits[town]}
                        self.rows.row({**visit, r: -1}, least=0)

    def _budgets(self) -> None:
        for town in self.towns:
            left = self.ledger.budget.get(town)
            if left is None:
                continue
            costs: dict[int, int] = {}
            worst = 0
            for i in self.lookup.needs_of_town[town]:
                for k in self.of_need.get(i, ()):
                    pair = self.pairs[k]
                    rate = self.lookup.people[pair.person].half_day_rate_yen
                    column, cost = self._half_days(k, rate * self.lookup.needs[i].months)
                    costs[column] = cost
                    worst += rate * self.lookup.needs[i].months * pair.most
            if worst > left:
                unit = gcd(*costs.values()) or 1
                columns = {column: cost // unit for column, cost in costs.items()}
                self.rows.row(columns, most=max(0, left) // unit)

    def _services(self) -> None:
        for town in self.towns:
            needs = self.lookup.needs_of_town[town]
            choices = [k for i in needs for k in self.of_need.get(i, ())]
            held = self.held[town] = self.ledger.services(town)
            possible = sum(min(self.ledger.places[i], len(self.of_need.get(i, ()))) for i in needs)
            last = min(most_counted(self.lookup, town), held + possible)
            levels = [self.rows.column(0, 1) for _ in range(held, last)]
            for level, column in enumerate(levels, held + 1):
                self.c[town, level] = column
            if levels:
                counted = {self.x[k]: 1 for k in choices} | dict.fromkeys(levels, -1)
                self.rows.row(counted, least=0)
            for higher, lower in pairwise(levels):
                self.rows.row({higher: 1, lower: -1}, least=0)

    def objective(self, stage: str) -> dict[int, int]:
        """The coefficients of a stage; what held pairs add is not in it."""
        if counts_towns(stage):
            return {
                column: 1 for (town, at), column in self.c.items()
                if at == places_counted(self.lookup, stage, town)
            }  # fmt: skip
        if stage == "priority":
            return {
                x: self.lookup.needs[pair.need].priority
                for x, pair in zip(self.x, self.pairs, strict=True)
            }
        if stage == "score":
            return self._score()
        weights = self.lookup.weights
        return self.combined(
            {"services_1": weights.service, "priority": weights.priority, "score": 1}
        )

    def combined(self, factors: Mapping[str, int]) -> dict[int, int]:
        """The coefficients of a sum of stages, each with its factor."""
        costs: dict[int, int] = {}
        for stage, factor in factors.items():
            for column, value in self.objective(stage).items():
                costs[column] = costs.get(column, 0) + factor * value
        return costs

    def _score(self) -> dict[int, int]:
        costs = dict(self.bonus)
        served = self.lookup.weights.served
        for k, pair in enumerate(self.pairs):
            costs[self.x[k]] = costs.get(self.x[k], 0) + pair.base
            column, points = self._half_days(k, served)
            costs[column] = costs.get(column, 0) + points
        return costs

    def taken(self, columns: Sequence[int]) -> dict[tuple[int, int], int]:
        """The pairs a solution takes, the held ones included."""
        return {**self.ledger.taken, **self.chosen(columns)}

    def chosen(self, columns: Sequence[int]) -> dict[tuple[int, int], int]:
        """The pairs a solution adds to the held ones."""
        taken = {}
        for k, pair in enumerate(self.pairs):
            if columns[self.x[k]]:
                q = self.q[k]
                taken[pair.need, pair.person] = pair.most if q is None else columns[q]
        return taken

    def start(self, taken: Taken) -> list[int]:
        """The columns of a known set of pairs, for a warm start."""
        columns = [0] * len(self.rows.lower)
        counts = dict(self.held)
        served: dict[int, set[str]] = {}
        visited: dict[int, set[str]] = {}
        for j in self.of_person:
            served[j] = set(self.ledger.towns[j])
            visited[j] = {self.lookup.needs[i].town for i, _ in self.ledger.visits.get(j, ())}
        for k, pair in enumerate(self.pairs):
            half_days = taken.get((pair.need, pair.person))
            if half_days is None:
                continue
            need = self.lookup.needs[pair.need]
            columns[self.x[k]] = 1
            q = self.q[k]
            if q is not None:
                columns[q] = half_days
            if pair.need in self.all_in:
                columns[self.all_in[pair.need]] = 1
            counts[need.town] = counts.get(need.town, 0) + 1
            served[pair.person].add(need.town)
            if need.onsite_pct:
                visited[pair.person].add(need.town)
        for (j, town), column in self.y.items():
            columns[column] = int(town in served[j])
        for (town, level), column in self.c.items():
            columns[column] = int(counts.get(town, 0) >= level)
        for (group, j), column in self.z.items():
            towns = self.lookup.problem.groups[group].towns
            columns[column] = int(not towns.isdisjoint(served[j]))
        for (j, a, b), column in self.r.items():
            columns[column] = int({a, b} <= visited[j])
        return columns
