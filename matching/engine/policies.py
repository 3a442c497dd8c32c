"""The policies to choose from, and what choosing fairness costs.

`towns_first` is the house rule: every coverable town's first service before anybody's second.
`leximin` compares towns by the share of their places that is filled: nobody's share can be
raised without lowering one that is no larger. `total` asks for the most points and nothing else;
it is what the price of fairness is measured against (Bertsimas, Farias and Trichakis, "The
Price of Fairness", Operations Research 2011: (total − fair) / total).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from .lookup import Lookup
from .planning import taken_of
from .stages import places_counted, stage_values
from .types import Plan, Policy, Problem, StageValue

PolicyName = Literal["towns_first", "leximin", "total"]
POLICY_LABELS: Mapping[PolicyName, str] = {
    "towns_first": "届く市町の数を先に",
    "leximin": "充足率の低い市町から",
    "total": "適合の得点の合計だけ",
}
# Shares are told apart exactly for towns that ask for up to so many places; a town that asks for
# more is looked at whenever one of these shares is.
MOST_PLACES = 12

Solver = Callable[[Problem], Plan]


def leximin_stages(problem: Problem) -> tuple[str, ...]:
    """The stages that make a plan leximin in the towns' shares of places filled.

    Maximising, for every possible share from the lowest up, the number of towns that reach it,
    each without loss to the ones before, is the same as comparing the sorted shares of two plans
    from the worst town on. A town that nobody can serve counts in no stage and holds up none.
    """
    lookup = Lookup(problem)
    asked = sorted(set(lookup.places_of_town.values()))
    shares = sorted(
        {Fraction(k, n) for n in asked if n <= MOST_PLACES for k in range(1, n + 1)} | {Fraction(1)}
    )
    stages: list[str] = ["services_1"]
    last = [1] * len(lookup.places_of_town)
    for share in shares:
        name = f"share_{share.numerator}_{share.denominator}"
        wanted = [places_counted(lookup, name, town) for town in lookup.places_of_town]
        if wanted != last:
            stages.append(name)
            last = wanted
    return (*stages, "priority", "score")


def stages_of(problem: Problem, policy: PolicyName) -> tuple[str, ...]:
    """The stages of a policy for this problem, in the order they are improved."""
    if policy == "leximin":
        return leximin_stages(problem)
    return ("score",) if policy == "total" else Policy().stages


def with_policy(problem: Problem, policy: PolicyName) -> Problem:
    """The problem, to be decided by another policy."""
    stages = stages_of(problem, policy)
    return dataclasses.replace(problem, policy=dataclasses.replace(problem.policy, stages=stages))


@dataclass(frozen=True, slots=True)
class PolicyFigures:
    """What a policy gives. `worst_permille` is the lowest share of places filled among the towns
    that anybody could serve, `full` the towns with all places filled; half-days a month, yen over
    the horizon. `price_permille` is what is given up of the most points there are, with
    `price_at_most` of the most there could be, where the policy `total` is not proven (None where
    nobody asked for that policy, or there are no points); `proven`: all stages of this are."""

    policy: PolicyName
    label: str
    towns: int
    full: int
    worst_permille: int
    places: int
    half_days: int
    yen: int
    score: int
    price_permille: int | None
    proven: bool
    price_at_most: bool = False


def compare_policies(
    problem: Problem,
    solver: Solver,
    policies: Sequence[PolicyName] = ("towns_first", "leximin", "total"),
) -> tuple[PolicyFigures, ...]:
    """Solve the problem by each policy and set the figures side by side. Nothing is touched."""
    plans = {policy: solver(with_policy(problem, policy)) for policy in policies}
    found = [_figures(problem, policy, plan) for policy, plan in plans.items()]
    if "total" not in plans:
        return tuple(found)
    (score,) = plans["total"].stages
    return tuple(_priced(figures, score) for figures in found)


def _priced(figures: PolicyFigures, most: StageValue) -> PolicyFigures:
    """The figures with the price of fairness: against the most points there are, or where that
    is not proven against its bound, rounded up."""
    if most.bound <= 0:
        return figures
    lost = most.bound - figures.score
    permille = lost * 1000 // most.bound if most.proven else -(-lost * 1000 // most.bound)
    return dataclasses.replace(figures, price_permille=permille, price_at_most=not most.proven)


def _figures(problem: Problem, policy: PolicyName, plan: Plan) -> PolicyFigures:
    plain = dataclasses.replace(problem.policy, stages=("score",))
    lookup = Lookup(dataclasses.replace(problem, policy=plain))
    taken = taken_of(lookup, plan)
    filled: dict[str, int] = {}
    half_days = yen = 0
    for (i, j), amount in taken.items():
        need = lookup.needs[i]
        filled[need.town] = filled.get(need.town, 0) + 1
        half_days += amount
        yen += amount * need.months * lookup.people[j].half_day_rate_yen
    out_of_reach = {u.town for u in plan.uncoverable}
    shares = {
        town: filled.get(town, 0) * 1000 // asked
        for town, asked in lookup.places_of_town.items()
        if town not in out_of_reach
    }
    return PolicyFigures(
        policy=policy,
        label=POLICY_LABELS[policy],
        towns=len(filled),
        full=sum(share == 1000 for share in shares.values()),
        worst_permille=min(shares.values(), default=0),
        places=len(taken),
        half_days=half_days,
        yen=yen,
        score=stage_values(lookup, taken)[0],
        price_permille=None,
        proven=plan.stopped == "optimal",
    )
