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


def eligible_needs(lookup: Lookup, person_index: int) -> list[Pair]:
    """The eligible pairs of one person, by position of the need."""
    person = lookup.people[person_index]
    return [
        _pair(lookup, i, person_index)
        for i, need in enumerate(lookup.needs)
        if need.skills[0][0] in person.levels and is_eligible(lookup, need, person)
    ]


def eligible_pair(lookup: Lookup, need_index: int, person_index: int) -> Pair | None:
    """The pair of one need and one person; None when a rule forbids it."""
    return next(iter(_pairs_of(lookup, need_index, [person_index])), None)


def _pairs_of(lookup: Lookup, need_index: int, people: range | list[int]) -> list[Pair]:
    need = lookup.needs[need_index]
    return [
        _pair(lookup, need_index, j) for j in people if is_eligible(lookup, need, lookup.people[j])
    ]


def _pair(lookup: Lookup, need_index: int, person_index: int) -> Pair:
    need, person = lookup.needs[need_index], lookup.people[person_index]
    return Pair(
        need_index,
        person_index,
        least_half_days(need, person),
        most_half_days(lookup, need, person),
        sum(base_terms(lookup, need, person).values()),
    )
