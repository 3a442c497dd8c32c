"""One problem with its cross-references resolved, built once and read by every step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isqrt

from .types import Accepted, Need, Problem, Specialist, Town


@dataclass(frozen=True, slots=True)
class Pair:
    """A person who may serve a need: by position, with the half-days possible and the points.

    `base` are the points that do not depend on the half-days; see `scoring.terms`.
    """

    need: int
    person: int
    least: int
    most: int
    base: int


class Lookup:
    """Positions by id, and what the pair rules need at hand."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.needs = problem.needs
        self.people = problem.specialists
        self.weights = problem.policy.weights
        self.towns = {town.id: town for town in problem.towns}
        self.need_at = {need.id: i for i, need in enumerate(problem.needs)}
        self.person_at = {person.id: i for i, person in enumerate(problem.specialists)}
        self.declined = {(d.need, d.specialist): d.reason for d in problem.declined}
        self.accepted: dict[tuple[str, str], Accepted] = {
            (a.need, a.specialist): a for a in problem.accepted
        }
        self.needs_of_town: dict[str, list[int]] = {}
        self.places_of_town: dict[str, int] = {}  # asked for, filled or not
        for i, need in enumerate(problem.needs):
            self.needs_of_town.setdefault(need.town, []).append(i)
            self.places_of_town[need.town] = self.places_of_town.get(need.town, 0) + need.count
        self.groups_of_town: dict[str, list[int]] = {}
        for g, group in enumerate(problem.groups):
            for town in sorted(group.towns):
                self.groups_of_town.setdefault(town, []).append(g)

    def add_need(self, need: Need) -> int:
        """Take in a need that was put last in the problem; its position."""
        place = len(self.need_at)
        self.need_at[need.id] = place
        self.needs_of_town.setdefault(need.town, []).append(place)
        self.places_of_town[need.town] = self.places_of_town.get(need.town, 0) + need.count
        return place

    def town_of(self, need: Need) -> Town:
        return self.towns[need.town]

    def label(self, code: str) -> str:
        """The word for a code, the code itself where the problem brings none."""
        return self.problem.labels.get(code, code)

    def month(self, index: int) -> str:
        """A month of the horizon in words."""
        first = self.problem.first_month
        if not first:
            return f"第{index + 1}月"
        months = int(first[:4]) * 12 + int(first[5:]) - 1 + index
        return f"{months // 12}年{months % 12 + 1}月"


def distance_m(person: Specialist, town: Town) -> int:
    """Metres between a person's place and a town, rounded down."""
    return isqrt((person.x - town.x) ** 2 + (person.y - town.y) ** 2)


def most_towns(person: Specialist, held: Iterable[str] = ()) -> int:
    """How many towns a person can serve: `max_towns`, or as many as are served already (`held`
    and those outside this problem) where that is more, the most having been lowered later."""
    return max(person.max_towns, len(person.serving.union(held)))


def same_way(person: Specialist, one: Town, other: Town) -> bool:
    """Whether one visit can take in both towns: the detour is at most a fifth of the way."""
    near, far = sorted((distance_m(person, one), distance_m(person, other)))
    between = isqrt((one.x - other.x) ** 2 + (one.y - other.y) ** 2)
    return near > 0 and 5 * (near + between - far) <= far
