"""Which person may serve which need, in pure Python: the reference for the vectorised way."""

from __future__ import annotations

from .lookup import Lookup, Pair
from .rules import is_eligible, least_half_days, most_half_days
from .scoring import base_terms


def eligible_people(lookup: Lookup, need_index: int) -> list[Pair]:
    """The eligible pairs of one need, by position of the person. The rules are taken alone."""
    return _pairs_of(lookup, need_index, range(len(lookup.people)))


def eligible_pairs(lookup: Lookup) -> list[Pair]:
    """All eligible pairs, ordered by need and person.

    Only people who have the first skill of a need at all are looked at.
    """
    by_skill: dict[str, list[int]] = {}
    for i, person in enumerate(lookup.people):
        for code in person.levels:
            by_skill.setdefault(code, []).append(i)
    found: list[Pair] = []
    for i, need in enumerate(lookup.needs):
        rarest = min((by_skill.get(code, []) for code, _ in need.skills), key=len)
        found.extend(_pairs_of(lookup, i, rarest))
    return found


def _pairs_of(lookup: Lookup, need_index: int, people: range | list[int]) -> list[Pair]:
    need = lookup.needs[need_index]
    found = []
    for j in people:
        person = lookup.people[j]
        if is_eligible(lookup, need, person):
            found.append(
                Pair(
                    need_index,
                    j,
                    least_half_days(need, person),
                    most_half_days(lookup, need, person),
                    sum(base_terms(lookup, need, person).values()),
                )
            )
    return found
