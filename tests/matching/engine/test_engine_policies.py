"""The policies to choose from: leximin by trying every plan, and what fairness costs."""

from __future__ import annotations

import dataclasses
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings

from matching.engine import (
    Plan,
    Problem,
    ProblemError,
    greedy,
    problem_from_json,
    problem_to_json,
    verify,
)
from matching.engine import solve as solve_staged
from matching.engine.lookup import Lookup
from matching.engine.planning import taken_of
from matching.engine.policies import compare_policies, leximin_stages, with_policy
from tests.matching.engine.building import (
    need,
    person,
    problem,
    small_problems,
    town,
)
from tests.matching.engine.trial import best_by_trial

FREE = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def solve(of: Problem) -> Plan:
    return solve_staged(of, wall_s=30)


def shares(of: Problem, plan: Plan) -> list[float]:
    """The share of places filled in each town that asks for any, the worst first."""
    lookup = Lookup(of)
    filled = dict.fromkeys(lookup.places_of_town, 0)
    for i, _ in taken_of(lookup, plan):
        filled[lookup.needs[i].town] += 1
    return sorted(filled[t] / asked for t, asked in lookup.places_of_town.items())


def best_shares(of: Problem) -> list[float]:
    """The leximin shares when every person can serve every need once and nothing else binds."""
    needs, people = of.needs, of.specialists
    best: list[float] = []
    for choice in product([None, *range(len(needs))], repeat=len(people)):
        if any(choice.count(i) > needs[i].count for i in range(len(needs))):
            continue
        filled = {n.town: 0 for n in needs}
        for i in choice:
            if i is not None:
                filled[needs[i].town] += 1
        asked = Lookup(of).places_of_town
        best = max(best, sorted(filled[t] / asked[t] for t in asked))
    return best


def unequal_towns() -> Problem:
    """One town asks for 4 people, one for 2, one for 1; five people are free for one need each."""
    return problem(
        towns=(town(), town("T2"), town("T3")),
        needs=(
            need("N1", count=4, half_days=8), need("N2", town="T2", count=2, half_days=8),
            need("N3", town="T3", half_days=8),
        ),
        specialists=tuple(person(f"S{i}") for i in range(5)),
    )  # fmt: skip


def test_leximin_raises_the_worst_towns_share_first() -> None:
    of = with_policy(unequal_towns(), "leximin")
    plan = solve(of)
    assert shares(of, plan) == best_shares(of) == [0.5, 1.0, 1.0]
    assert plan.stopped == "optimal"
    assert verify(of, plan) == ()


@FREE
@given(small_problems(needs=4, people=4))
def test_leximin_stages_are_the_best_there_are(of: Problem) -> None:
    made = with_policy(of, "leximin")
    plan = solve(made)
    assert tuple(stage.value for stage in plan.stages) == best_by_trial(made)
    assert verify(made, plan) == ()
    assert shares(made, plan) >= shares(of, solve(of))


def test_a_town_that_nobody_can_serve_holds_up_no_other() -> None:
    of = unequal_towns()
    far = need("N9", town="T9", skills=(("NOBODY", 9),), count=3)
    made = with_policy(
        dataclasses.replace(of, towns=(*of.towns, town("T9")), needs=(*of.needs, far)), "leximin"
    )
    plan = solve(made)
    assert shares(made, plan) == [0.0, 0.5, 1.0, 1.0]
    assert [u.town for u in plan.uncoverable] == ["T9"]


def test_stages_that_ask_the_same_of_every_town_come_once() -> None:
    stages = leximin_stages(unequal_towns())
    assert stages == (
        "services_1", "share_1_2", "share_3_4", "share_1_1", "priority", "score"
    )  # fmt: skip


def test_shares_are_read_written_and_checked() -> None:
    of = with_policy(unequal_towns(), "leximin")
    assert problem_from_json(problem_to_json(of)) == of
    plan = greedy(of)
    assert verify(of, plan) == ()
    stages = list(plan.stages)
    stages[1] = dataclasses.replace(stages[1], value=0, bound=9, proven=False)
    wrong = dataclasses.replace(plan, stages=tuple(stages))
    assert "stage_value" in {v.code for v in verify(of, wrong)}
    data = problem_to_json(of)
    data["policy"]["stages"] = ["share_3_2"]
    with pytest.raises(ProblemError, match=r"policy.stages\[0\]: must be a share of at most 1"):
        problem_from_json(data)


def test_the_price_of_fairness_is_what_is_given_up_of_the_most_points() -> None:
    """One person has time for two needs: both of the near town, or one of each town."""
    of = problem(
        towns=(town(), town("T2", x=50_000)),
        needs=(need("N1"), need("N2"), need("N3", town="T2", onsite_pct=100)),
        specialists=(person(radius_m=51_000),),
    )
    rows = {row.policy: row for row in compare_policies(of, solve)}
    assert (rows["total"].towns, rows["total"].worst_permille) == (1, 0)
    assert (rows["towns_first"].towns, rows["towns_first"].worst_permille) == (2, 500)
    for fair in ("towns_first", "leximin"):
        lost = rows["total"].score - rows[fair].score
        assert lost > 0
        assert rows[fair].price_permille == lost * 1000 // rows["total"].score
        assert (rows[fair].places, rows[fair].half_days) == (2, 8)
    assert rows["total"].price_permille == 0
    assert all(row.proven for row in rows.values())


def test_the_price_of_fairness_is_at_most_so_much_where_the_most_points_are_not_proven() -> None:
    of = unequal_towns()

    def cut_short(problem: Problem) -> Plan:
        plan = solve(problem)
        if problem.policy.stages != ("score",):
            return plan
        (score,) = plan.stages
        late = dataclasses.replace(score, bound=score.value + 100, proven=False)
        return dataclasses.replace(plan, stages=(late,), stopped="limit")

    most = compare_policies(of, solve, ("total",))[0].score + 100
    for row in compare_policies(of, cut_short):
        assert row.price_at_most
        assert row.price_permille == -((row.score - most) * 1000 // most) > 0
    assert compare_policies(of, solve, ("leximin",))[0].price_permille is None
