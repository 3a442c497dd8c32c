"""The verifier finds each kind of violation when it is planted, and only then."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from matching.engine import Accepted, Declined, Group, Plan, Problem, StageValue, greedy, verify
from tests.matching.engine.building import need, person, plan_of, problem, small_problems, town

FREE = settings(
    max_examples=50, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def codes(of: Problem, plan: Plan) -> set[str]:
    return {violation.code for violation in verify(of, plan)}


TWO = {"needs": (need(), need("N2", town="T2")), "towns": (town(), town("T2"))}


@pytest.mark.parametrize(
    ("code", "fields", "chosen"),
    [
        ("skill", {"specialists": (person(levels={"SEC": 1}),)}, ()),
        ("half_days", {"needs": (need(half_days=5, least=5),)}, ()),
        ("half_days", {"needs": (need(half_days=3),)}, ()),
        ("half_days", {"specialists": (person(min_block=5),)}, ()),
        ("weekdays", {"needs": (need(weekdays=1),), "specialists": (person(weekdays=2),)}, ()),
        (
            "weekday_load",
            {"needs": (need(onsite_pct=100, weekdays=1, half_days=9),),
             "specialists": (person(capacity=(9, 9, 9)),)},
            (("N1", "S1", 9),),
        ),
        (
            "distance",
            {"needs": (need(onsite_pct=50),), "specialists": (person(x=9, y=9, radius_m=11),)},
            (),
        ),
        (
            "onsite",
            {"needs": (need(onsite_pct=51),), "specialists": (person(onsite_max_pct=50),)},
            (),
        ),
        (
            "form",
            {"needs": (need(forms=frozenset({"10"})),),
             "specialists": (person(forms=frozenset({"20"})),)},
            (),
        ),
        (
            "pay",
            {"needs": (need(half_day_rate_cap_yen=99),),
             "specialists": (person(half_day_rate_yen=100),)},
            (),
        ),
        (
            "budget",
            {"towns": (town(budget_yen=1199),), "specialists": (person(half_day_rate_yen=100),)},
            (),
        ),
        ("language", {"needs": (need(language="en"),)}, ()),
        (
            "conflict",
            {"towns": (town(vendors={"F1": ""}),), "specialists": (person(vendor="F1"),)},
            (),
        ),
        (
            "conflict",
            {"towns": (town(vendors={"F1": ""}),),
             "specialists": (person(interests=frozenset({"F1"})),)},
            (),
        ),
        ("declined", {"declined": (Declined("N1", "S1", ""),)}, ()),
        ("permission", {"specialists": (person(permission=(1, 3)),)}, ()),
        ("capacity", {"specialists": (person(capacity=(4, 3, 4)),)}, ()),
        (
            "capacity",
            {**TWO, "specialists": (person(capacity=(8, 7, 8)),)},
            (("N1", "S1", 4), ("N2", "S1", 4)),
        ),
        (
            "max_towns",
            {**TWO, "specialists": (person(max_towns=1),)},
            (("N1", "S1", 4), ("N2", "S1", 4)),
        ),
        ("max_towns", {"specialists": (person(max_towns=1, serving=frozenset({"T9"})),)}, ()),
        (
            "count",
            {"specialists": (person(), person("S2"))},
            (("N1", "S1", 4), ("N1", "S2", 4)),
        ),
        ("all_or_nothing", {"needs": (need(count=2, all_or_nothing=True),)}, ()),
        ("accepted", {"accepted": (Accepted("N1", "S1", 3),)}, ()),
    ],
)  # fmt: skip
def test_a_planted_violation_is_found(
    code: str, fields: dict[str, Any], chosen: tuple[tuple[str, str, int], ...]
) -> None:
    of = problem(**fields)
    assert codes(of, plan_of(of, *(chosen or (("N1", "S1", 4),)))) == {code}


def test_a_missing_accepted_pair_is_found() -> None:
    of = problem(accepted=(Accepted("N1", "S1", 3),))
    assert codes(of, plan_of(of)) == {"accepted"}


def test_a_sound_plan_has_no_violation() -> None:
    of = problem(**TWO, groups=(Group("G", "共同", frozenset({"T1", "T2"})),))
    assert codes(of, plan_of(of, ("N1", "S1", 4), ("N2", "S1", 4))) == set()


def forged(plan: Plan, **fields: Any) -> Plan:
    return dataclasses.replace(plan, **fields)


def test_misstated_figures_are_found() -> None:
    of = problem(**TWO)
    plan = plan_of(of, ("N1", "S1", 4))
    first, *rest = plan.stages

    def stage(**fields: Any) -> Plan:
        return forged(plan, stages=(dataclasses.replace(first, **fields), *rest))

    pair = plan.assignments[0]
    assert codes(of, forged(plan, input_sha256="0" * 64)) == {"input"}
    assert codes(of, forged(plan, stages=plan.stages[1:])) == {"stages"}
    assert codes(of, stage(value=2, bound=2)) == {"stage_value"}
    assert codes(of, stage(bound=0)) == {"bound"}
    assert codes(of, stage(bound=2)) == {"bound"}
    assert codes(of, stage(bound=2, proven=False)) == {"not_proven"}
    assert codes(of, forged(plan, unfilled=())) == {"unfilled"}
    assert codes(of, forged(plan, assignments=(pair, pair))) == {"twice"}
    bad_score = dataclasses.replace(pair, score=pair.score + 1)
    assert "score" in codes(of, forged(plan, assignments=(bad_score,)))
    stranger = dataclasses.replace(pair, specialist="S9")
    assert codes(of, forged(plan, assignments=(stranger,))) == {"unknown"}


def test_the_bonus_for_groups_and_routes_is_worked_out_again() -> None:
    of = problem(
        towns=(town(x=10_000), town("T2", x=20_000)),
        needs=(need(onsite_pct=50, weekdays=31), need("N2", town="T2", onsite_pct=50)),
        groups=(Group("G", "共同", frozenset({"T1", "T2"})),),
    )
    plan = plan_of(of, ("N1", "S1", 4), ("N2", "S1", 4))
    assert codes(of, plan) == set()
    total = plan.stages[-1].value
    assert total == sum(a.score for a in plan.assignments) + 150 + 100
    lower = StageValue("score", plan.stages[-1].label, total - 100, total - 100, True)
    assert codes(of, forged(plan, stages=(*plan.stages[:-1], lower))) == {"stage_value"}


def test_points_that_add_up_but_were_not_earned_are_found() -> None:
    """Each term is worked out from the records: moving points between terms does not help."""
    of = problem(
        towns=(town(x=3_000, y=4_001),),
        needs=(need(onsite_pct=50, weekdays=7, half_day_rate_cap_yen=900, present="S1"),),
        specialists=(
            person(levels={"SEC": 3}, radius_m=20_000, weekdays=5, half_day_rate_yen=400,
                   confidence=777),
        ),
    )  # fmt: skip
    plan = plan_of(of, ("N1", "S1", 4))
    (pair,) = plan.assignments
    assert pair.terms == {
        "level": 225, "travel": 150, "pay": 83, "weekdays": 66, "confidence": 116,
        "continuity": 400, "served": 40,
    }  # fmt: skip
    assert codes(of, plan) == set()
    for term in pair.terms:
        more = dataclasses.replace(
            pair, score=pair.score + 1, terms={**pair.terms, term: pair.terms[term] + 1}
        )
        stages = tuple(
            dataclasses.replace(s, value=s.value + 1, bound=s.bound + 1) if s.name == "score" else s
            for s in plan.stages
        )
        found = codes(of, forged(plan, assignments=(more,), stages=stages))
        assert found == {"terms", "stage_value"}, term
    moved = {**pair.terms, "level": 226, "pay": 82}
    assert codes(
        of, forged(plan, assignments=(dataclasses.replace(pair, terms=moved),))
    ) == {"terms"}  # fmt: skip


def test_misstated_handovers_and_towns_without_anybody_are_found() -> None:
    of = problem(
        towns=(town(), town("T2"), town("T3")),
        needs=(
            need(present="S2"),
            need("N2", town="T2", skills=(("NW", 1),)),
            need("N3", town="T2", half_days=9),
        ),
        specialists=(person(), person("S2")),
    )
    plan = plan_of(of, ("N1", "S1", 4))
    assert (plan.handovers, [u.town for u in plan.uncoverable]) == (("N1",), ["T2"])
    assert codes(of, plan) == set()
    assert codes(of, forged(plan, handovers=())) == {"handovers"}
    assert codes(of, forged(plan, handovers=("N1", "N2"))) == {"handovers"}
    assert codes(of, forged(plan, uncoverable=())) == {"uncoverable"}
    (lacking,) = plan.uncoverable
    assert codes(of, forged(plan, uncoverable=(lacking, lacking))) == {"uncoverable"}
    assert codes(of, forged(plan, unfilled=(*plan.unfilled, plan.unfilled[0]))) == {"unfilled"}
    for name in ("T1", "T3"):  # somebody can serve the first, the last asks for nobody
        other = dataclasses.replace(lacking, town=name)
        told = codes(of, forged(plan, uncoverable=(lacking, other)))
        assert told == {"uncoverable"}


def test_a_town_whose_only_need_takes_two_or_nobody_is_out_of_reach_of_one() -> None:
    two = need(count=2, all_or_nothing=True)
    of = problem(needs=(two, need("N2", town="T2")), towns=(town(), town("T2")))
    plan = plan_of(of, ("N2", "S1", 4))
    (row,) = plan.uncoverable
    assert (row.town, row.reasons[0].code) == ("T1", "together")
    assert row.reasons[0].text == "2人がそろうことが条件の案件で、条件に合う人は1人です"
    assert codes(of, plan) == set()
    assert codes(of, forged(plan, uncoverable=())) == {"uncoverable"}
    pair = {"specialists": (person(), person("S2"))}
    enough = plan_of(dataclasses.replace(of, **pair))
    assert enough.uncoverable == ()
    assert codes(dataclasses.replace(of, **pair), enough) == set()
    paid = {"specialists": (person(half_day_rate_yen=1), person("S2", half_day_rate_yen=1))}
    for yen, towns in ((24, []), (23, ["T1"])):
        poor = dataclasses.replace(of, towns=(town(budget_yen=yen), town("T2")), **paid)
        plan = plan_of(poor)
        assert [u.town for u in plan.uncoverable] == towns
        assert codes(poor, plan) == set()
    agreed = dataclasses.replace(of, accepted=(Accepted("N1", "S1", 4),))
    plan = plan_of(agreed, ("N1", "S1", 4))
    assert (plan.uncoverable, codes(agreed, plan)) == ((), set())


@FREE
@given(small_problems(needs=6, people=5))
def test_the_points_and_towns_of_the_engine_are_those_of_the_verifier(of: Problem) -> None:
    assert verify(of, greedy(of)) == ()
