"""The published stages of the objective, measured on a set of taken pairs.

The policy names the stages and their order; see `types.Policy`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from .lookup import Lookup, Pair, most_towns, same_way
from .scoring import base_terms
from .types import SolverFailed

ORDINALS = "一二三四五六七八九"
Taken = Mapping[tuple[int, int], int]


BOUND_TOLERANCE = 1e-6  # of the value: what sums of millions of points lose in rounding
GUIDE_PRIORITY = 2_000.0  # points that prices give for a place of priority 1
MOST_FACTOR = 1_000_000  # beyond this a solver's tolerances no longer tell stages apart


def counts_towns(name: str) -> bool:
    """Whether a stage counts towns (`services_N`, `share_P_Q`) rather than places or points."""
    return name.startswith(("services_", "share_"))


def places_counted(lookup: Lookup, name: str, town: str) -> int:
    """How many places the town must have filled to count in the stage; 0 where the stage counts
    no towns.

    `services_N`: N. `share_P_Q`: the least number that is P/Q of the places the town asks for.
    """
    if name.startswith("services_"):
        return int(name.removeprefix("services_"))
    if name.startswith("share_"):
        part, whole = (int(number) for number in name.removeprefix("share_").split("_"))
        return -(-part * lookup.places_of_town.get(town, 0) // whole)
    return 0


def stage_label(name: str) -> str:
    """The words for a stage on pages."""
    if name.startswith("services_"):
        return f"{ORDINALS[int(name.removeprefix('services_')) - 1]}件目の支援が届く市町の数"
    if name.startswith("share_"):
        part, whole = name.removeprefix("share_").split("_")
        amount = "すべて" if part == whole else f"{whole}分の{part}以上"
        return f"求めた人数の{amount}が決まる市町の数"
    return {
        "priority": "優先度で重み付けした充足数",
        "score": "適合の得点",
        "weighted": "市町数・優先度・適合の合計点",
    }[name]


def most_counted(lookup: Lookup, town: str) -> int:
    """The highest number of places of the town that any stage counts."""
    stages = lookup.problem.policy.stages
    return max(1, *(places_counted(lookup, name, town) for name in stages))


def factors_of(stages: Sequence[str]) -> dict[str, int]:
    """Factors that all but put earlier stages first in one sum, small enough for a solver's
    tolerances. Whoever uses them checks the order itself."""
    factors: dict[str, int] = {}
    factor = 1
    for stage in reversed(stages):
        if counts_towns(stage):
            factor = min(MOST_FACTOR, max(15_000, 3 * factor))
        elif stage == "priority":
            factor = 2_500
        factors[stage] = factor
    return factors


def guide_factors_of(stages: Sequence[str]) -> dict[str, float]:
    """Factors for prices that lead to a good plan for all stages: a town that a stage counts is
    worth more than what any one place brings in later stages, no more. With factors that put the
    order above all else (`factors_of`), prices would take many more steps, and what one place is
    worth in the last stages would be lost in them."""
    factors: dict[str, float] = {}
    towns = 0.0
    for stage in reversed(stages):
        if counts_towns(stage):
            towns = min(float(MOST_FACTOR), max(3.0 * GUIDE_PRIORITY, 2.0 * towns))
            factors[stage] = towns
        else:
            factors[stage] = GUIDE_PRIORITY if stage == "priority" else 1.0
    return factors


def services_by_town(lookup: Lookup, taken: Taken) -> dict[str, int]:
    """How many places each town has filled."""
    served: dict[str, int] = {}
    for need_index, _ in taken:
        town = lookup.needs[need_index].town
        served[town] = served.get(town, 0) + 1
    return served


def bonus_of_person(lookup: Lookup, person_index: int, need_indexes: Sequence[int]) -> int:
    """Points one person's set of needs earns beyond the single pairs.

    For each joint-use group, each town beyond the first; for each two towns visited that lie
    the same way, the travel days that merge.
    """
    weights = lookup.weights
    towns = {lookup.needs[i].town for i in need_indexes}
    if len(towns) < 2:
        return 0
    in_group: dict[int, int] = {}
    for town in towns:
        for group in lookup.groups_of_town.get(town, ()):
            in_group[group] = in_group.get(group, 0) + 1
    points = weights.group * sum(count - 1 for count in in_group.values())
    if weights.route:
        person = lookup.people[person_index]
        visited = sorted({lookup.needs[i].town for i in need_indexes if lookup.needs[i].onsite_pct})
        points += weights.route * sum(
            same_way(person, lookup.towns[a], lookup.towns[b]) for a, b in combinations(visited, 2)
        )
    return points


def stage_values(lookup: Lookup, taken: Taken) -> tuple[int, ...]:
    """The value of every stage of the policy, in its order."""
    served = services_by_town(lookup, taken)
    by_person: dict[int, list[int]] = {}
    priority = score = 0
    for (i, j), half_days in taken.items():
        need = lookup.needs[i]
        priority += need.priority
        score += sum(base_terms(lookup, need, lookup.people[j]).values())
        score += lookup.weights.served * half_days
        by_person.setdefault(j, []).append(i)
    score += sum(bonus_of_person(lookup, j, needs) for j, needs in by_person.items())
    return values_in_order(lookup, served, priority, score)


def values_in_order(
    lookup: Lookup, places: Mapping[str, int], priority: int, score: int
) -> tuple[int, ...]:
    """The value of every stage, from the places filled in each town and the two sums."""
    weights = lookup.weights
    first = sum(count >= 1 for count in places.values())
    plain = {
        "priority": priority,
        "score": score,
        "weighted": weights.service * first + weights.priority * priority + score,
    }
    return tuple(
        plain[name] if name in plain else towns_counted(lookup, name, places)
        for name in lookup.problem.policy.stages
    )


def towns_counted(lookup: Lookup, name: str, places: Mapping[str, int]) -> int:
    """The value of a stage that counts towns, from the places filled in each town."""
    return sum(count >= places_counted(lookup, name, town) for town, count in places.items())


def bound_over(stage: str, value: int, bound: int) -> int:
    """The bound of a stage beside the value that a plan reaches; never below the value.

    Raises SolverFailed where the bound is below the value by more than rounding explains: then one
    of them is wrong, and nothing may be called proven.
    """
    if bound < value - BOUND_TOLERANCE * abs(value):
        raise SolverFailed(
            f"the bound of the stage {stage} contradicts the plan: {bound} < {value}"
        )
    return max(value, bound)


def easy_bounds(lookup: Lookup, pairs: Sequence[Pair]) -> tuple[int, ...]:
    """A bound for every stage that costs one pass: each need taken alone, nothing shared."""
    degree: dict[int, list[int]] = {}
    weights = lookup.weights
    accepted = {
        (lookup.need_at[n], lookup.person_at[s]): a for (n, s), a in lookup.accepted.items()
    }
    for (i, j), pair in accepted.items():
        base = base_terms(lookup, lookup.needs[i], lookup.people[j])
        degree.setdefault(i, []).append(sum(base.values()) + weights.served * pair.half_days)
    for p in pairs:
        if (p.need, p.person) not in accepted:
            degree.setdefault(p.need, []).append(p.base + weights.served * p.most)
    places: dict[str, int] = {}
    priority = score = 0
    for i, points in degree.items():
        need = lookup.needs[i]
        count = min(need.count, len(points))
        places[need.town] = places.get(need.town, 0) + count
        priority += need.priority * count
        score += sum(sorted(points)[-count:])
    # A town served by one person joins at most this many groups and earlier towns of the person.
    links = sum(len(lookup.groups_of_town.get(town, ())) * n for town, n in places.items())
    held: dict[int, set[str]] = {}
    for i, j in accepted:
        held.setdefault(j, set()).add(lookup.needs[i].town)
    most = max((most_towns(who, held.get(j, ())) for j, who in enumerate(lookup.people)), default=0)
    total = sum(places.values())
    score += weights.group * links + weights.route * total * max(0, most - 1) // 2
    return values_in_order(lookup, places, priority, score)
