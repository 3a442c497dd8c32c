"""The program over loads: each person one load or none, each need its places.

Its linear relaxation is close to the best plan, so that proofs are short.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import gcd

from .ledger import Ledger
from .loads import Load, Space
from .lookup import Lookup, Pair
from .rows import Rows
from .stages import Taken, counts_towns, most_counted, places_counted


def tight_budgets(lookup: Lookup, ledger: Ledger, pairs: Iterable[Pair]) -> set[str]:
    """The towns whose budget left could be overspent by the pairs."""
    worst: dict[str, int] = {}
    for pair in pairs:
        need = lookup.needs[pair.need]
        if need.town in ledger.budget:
            cost = lookup.people[pair.person].half_day_rate_yen * need.months * pair.most
            worst[need.town] = worst.get(need.town, 0) + cost
    return {town for town, cost in worst.items() if cost > ledger.budget[town]}


def spaces_of(lookup: Lookup, ledger: Ledger, pairs: Sequence[Pair]) -> list[Space]:
    """One space for each person who has a pair with room left."""
    tight = tight_budgets(lookup, ledger, pairs)
    of_person: dict[int, list[Pair]] = {}
    for pair in pairs:
        of_person.setdefault(pair.person, []).append(pair)
    made = (Space(lookup, ledger, j, of_person[j], tight) for j in sorted(of_person))
    return [space for space in made if space.choices]


class Master:
    """Columns for the loads given, rows for people, needs, towns and budgets."""

    def __init__(
        self, lookup: Lookup, ledger: Ledger, loads: Sequence[Load], tight: Iterable[str]
    ) -> None:
        self.lookup = lookup
        self.ledger = ledger
        self.loads = list(loads)
        self.rows = Rows()
        self.z = [self.rows.column(0, 1) for _ in loads]
        self.c: dict[tuple[str, int], int] = {}
        self.person_row: dict[int, int] = {}
        self.need_row: dict[int, int] = {}
        self.town_row: dict[str, int] = {}
        self.budget_row: dict[str, tuple[int, int]] = {}
        self.stage_row: dict[str, int] = {}
        self.all_in: dict[int, int] = {}
        self.held: dict[str, int] = {}
        of_person: dict[int, dict[int, int]] = {}
        of_need: dict[int, dict[int, int]] = {}
        for z, load in zip(self.z, self.loads, strict=True):
            of_person.setdefault(load.person, {})[z] = 1
            for i, _ in load.choices:
                of_need.setdefault(i, {})[z] = 1
        for j, columns in sorted(of_person.items()):
            self.person_row[j] = self._row(columns, most=1)
        of_town: dict[str, dict[int, int]] = {}
        for i, columns in sorted(of_need.items()):
            need, places = lookup.needs[i], ledger.places[i]
            if need.all_or_nothing and places > 1:
                every = self.all_in[i] = self.rows.column(0, 1)
                self.need_row[i] = self._row({**columns, every: -places}, least=0, most=0)
            else:
                self.need_row[i] = self._row(columns, most=places)
            town = of_town.setdefault(need.town, {})
            for z in columns:
                town[z] = town.get(z, 0) + 1
        self._services(of_town)
        self._budgets(set(tight))

    def _row(
        self, columns: Mapping[int, int], *, least: int | None = None, most: int | None = None
    ) -> int:
        self.rows.row(columns, least=least, most=most)
        return len(self.rows.row_lower) - 1

    def _services(self, of_town: Mapping[str, Mapping[int, int]]) -> None:
        for town in sorted(of_town):
            held = self.held[town] = self.ledger.services(town)
            needs = self.lookup.needs_of_town[town]
            possible = sum(self.ledger.places[i] for i in needs if i in self.need_row)
            last = min(most_counted(self.lookup, town), held + possible)
            levels = [self.rows.column(0, 1) for _ in range(held, last)]
            for level, column in enumerate(levels, held + 1):
                self.c[town, level] = column
            if levels:
                row = {**of_town[town], **dict.fromkeys(levels, -1)}
                self.town_row[town] = self._row(row, least=0)
            for higher, lower in pairwise(levels):
                self.rows.row({higher: 1, lower: -1}, least=0)

    def _budgets(self, tight: set[str]) -> None:
        costs: dict[str, dict[int, int]] = {}
        for z, load in zip(self.z, self.loads, strict=True):
            rate = self.lookup.people[load.person].half_day_rate_yen
            for i, half_days in load.choices:
                need = self.lookup.needs[i]
                if need.town in tight:
                    row = costs.setdefault(need.town, {})
                    row[z] = row.get(z, 0) + half_days * rate * need.months
        for town, row in sorted(costs.items()):
            unit = gcd(*row.values()) or 1
            columns = {z: cost // unit for z, cost in row.items()}
            left = max(0, self.ledger.budget[town]) // unit
            self.budget_row[town] = (self._row(columns, most=left), unit)

    def objective(self, stage: str) -> dict[int, int]:
        """The coefficients of a stage; what held pairs add is not in it."""
        if counts_towns(stage):
            return {
                column: 1 for (town, at), column in self.c.items()
                if at == places_counted(self.lookup, stage, town)
            }  # fmt: skip
        pairs = zip(self.z, self.loads, strict=True)
        if stage == "priority":
            return {z: load.priority for z, load in pairs}
        if stage == "score":
            return {z: load.score for z, load in pairs}
        weights = self.lookup.weights
        costs = {column: weights.service for (_, at), column in self.c.items() if at == 1}
        costs |= {z: weights.priority * load.priority + load.score for z, load in pairs}
        return costs

    def combined(self, factors: Mapping[str, int]) -> dict[int, int]:
        """The coefficients of a sum of stages, each with its factor."""
        costs: dict[int, int] = {}
        for stage, factor in factors.items():
            for column, value in self.objective(stage).items():
                costs[column] = costs.get(column, 0) + factor * value
        return costs

    def hold(self, stage: str, least: int) -> None:
        """No plan may fall below `least` in this stage from here on."""
        costs = self.objective(stage)
        if costs:
            self.stage_row[stage] = self._row(costs, least=least)

    def chosen(self, columns: Sequence[int]) -> dict[tuple[int, int], int]:
        """The pairs of a solution, without the held ones."""
        return {
            (i, load.person): half_days
            for z, load in zip(self.z, self.loads, strict=True)
            if columns[z]
            for i, half_days in load.choices
        }

    def start(self, taken: Taken) -> list[int] | None:
        """The columns of known pairs; None where some person's load is not a column."""
        columns = [0] * len(self.rows.lower)
        wanted: dict[int, list[tuple[int, int]]] = {}
        counts = dict(self.held)
        for (i, j), half_days in sorted(taken.items()):
            if (i, j) in self.ledger.taken:
                continue
            wanted.setdefault(j, []).append((i, half_days))
            town = self.lookup.needs[i].town
            counts[town] = counts.get(town, 0) + 1
            if i in self.all_in:
                columns[self.all_in[i]] = 1
        for z, load in zip(self.z, self.loads, strict=True):
            mine = wanted.get(load.person)
            if mine is not None and sorted(load.choices) == mine:
                columns[z] = 1
                del wanted[load.person]
        if wanted:
            return None
        for (town, level), column in self.c.items():
            columns[column] = int(counts.get(town, 0) >= level)
        return columns
