"""The values of the stages, kept while pairs come and go instead of counted anew."""

from __future__ import annotations

from .lookup import Lookup
from .scoring import base_terms
from .stages import Taken, bonus_of_person, values_in_order


class Tally:
    """Counts of a set of taken pairs; a change costs what its person and its town cost.

    Positions are those of the lookup, half-days are a month.
    """

    def __init__(self, lookup: Lookup, taken: Taken) -> None:
        self.lookup = lookup
        self.of_person: dict[int, dict[int, int]] = {}  # person: need → half-days
        self.places: dict[str, int] = {}
        self.priority = 0
        self.score = 0
        self._score_of: dict[int, int] = {}
        self._stale: set[int] = set()
        for (i, j), half_days in taken.items():
            self.put(i, j, half_days)

    def put(self, need_index: int, person_index: int, half_days: int) -> None:
        """The pair comes."""
        self.of_person.setdefault(person_index, {})[need_index] = half_days
        self._move(need_index, person_index, 1)

    def cut(self, need_index: int, person_index: int) -> None:
        """The pair goes."""
        del self.of_person[person_index][need_index]
        self._move(need_index, person_index, -1)

    def _move(self, need_index: int, person_index: int, sign: int) -> None:
        need = self.lookup.needs[need_index]
        self.places[need.town] = self.places.get(need.town, 0) + sign
        self.priority += sign * need.priority
        self._stale.add(person_index)

    def values(self) -> tuple[int, ...]:
        """The value of every stage of the policy, in its order."""
        for j in self._stale:
            points = self._points(j)
            self.score += points - self._score_of.get(j, 0)
            self._score_of[j] = points
        self._stale.clear()
        return values_in_order(self.lookup, self.places, self.priority, self.score)

    def _points(self, person_index: int) -> int:
        lookup, mine = self.lookup, self.of_person[person_index]
        person = lookup.people[person_index]
        points = sum(
            sum(base_terms(lookup, lookup.needs[i], person).values())
            + lookup.weights.served * half_days
            for i, half_days in mine.items()
        )
        return points + bonus_of_person(lookup, person_index, list(mine))
