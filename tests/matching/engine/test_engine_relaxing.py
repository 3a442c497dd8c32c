"""The smallest single changes that open a need, and what is said where everybody serves it."""

from __future__ import annotations

from typing import Any

import pytest

from matching.engine import Accepted, greedy, solve
from matching.engine.conflicts import conflict, relaxations
from matching.engine.whatif import forced
from tests.matching.engine.building import need, person, plan_of, problem, town
from tests.matching.engine.waiving import relaxation_fault

RELAXED: list[tuple[dict[str, Any], str, int, str]] = [
    (
        {"specialists": (person(permission=(1, 9)),)},
        "R13", 1, "副業の許可に合わせ、期間を第2月から第3月までにする",
    ),
    (
        {"specialists": (person(permission=(0, 2), capacity=(0, 8, 8)),)},
        "R13", 2, "副業の許可に合わせ、期間を第2月から第2月までにする",
    ),
    (
        {"needs": (need(language="en"),), "labels": {"en": "英語", "ja": "日本語"}},
        "R10", 1, "求める言語を「英語」から「日本語」に変える",
    ),
    (
        {"needs": (need(weekdays=1),), "specialists": (person(weekdays=0b11110),)},
        "R4", 1, "曜日に火を加える",
    ),
    (
        {
            "needs": (need(half_days=20, onsite_pct=100, weekdays=1),),
            "specialists": (person(weekdays=0b11101, capacity=(20,) * 3),),
        },
        "R4", 2, "訪問の曜日に水・木を加える",
    ),
    (
        {"needs": (need(skills=(("NW", 2), ("SEC", 4))),), "labels": {"NW": "ネットワーク"}},
        "R1", 3, "求めるレベルの「SEC」を4から3に下げる、「ネットワーク」を求めるのをやめる",
    ),
    (
        {"needs": (need(skills=(("NW", 2), ("SEC", 2))),)},
        "R1", 2, "「NW」を求めるのをやめる",
    ),
    (
        {
            "needs": (need(half_days=12, onsite_pct=100, weekdays=1),),
            "specialists": (person(capacity=(20,) * 3),),
        },
        "R4", 4, "最少の半日数を月12から8に下げる",
    ),
    (
        {
            "needs": (need(half_days=12, onsite_pct=100, weekdays=1),),
            "specialists": (person(capacity=(20,) * 3),),
        },
        "R4", 34, "訪問の割合を100%から66%に下げる",
    ),
    (
        {"needs": (need(budget_yen=8),), "specialists": (person(half_day_rate_yen=1),)},
        "R8", 2, "最少の半日数を月4から2に下げる",
    ),
    (
        {"towns": (town(budget_yen=8),), "specialists": (person(half_day_rate_yen=1),)},
        "R9", 2, "最少の半日数を月4から2に下げる",
    ),
    (
        {"needs": (need(count=2, all_or_nothing=True),)},
        "all_or_nothing", 1, "2人がそろわなくても、決まった人から始めることにする",
    ),
]  # fmt: skip


def test_an_overdrawn_budget_is_nothing_to_whose_work_costs_nothing() -> None:
    """What was agreed costs more than the town has; who is free of charge lacks time alone."""
    of = problem(
        towns=(town(budget_yen=1), town("T2")),
        needs=(need("N1"), need("N2"), need("N3", town="T2", half_days=8)),
        specialists=(person("S1", half_day_rate_yen=100, capacity=(4, 4, 4)), person("S2")),
        accepted=(Accepted("N1", "S1", 4), Accepted("N3", "S2", 8)),
    )
    options = relaxations(of, greedy(of), "N2")
    assert [option.rule for option in options if option.specialist == "S2"] == []


@pytest.mark.parametrize(("fields", "rule", "margin", "text"), RELAXED)
def test_each_rule_that_a_need_can_give_up_is_told_as_the_least_of_it(
    fields: dict[str, Any], rule: str, margin: int, text: str
) -> None:
    of = problem(**fields)
    options = relaxations(of, greedy(of), "N1")
    assert (rule, margin, text) in [(o.rule, o.margin, o.text) for o in options]
    assert {relaxation_fault(of, greedy(of), option) for option in options} == {None}


def test_days_taken_by_visits_to_another_town_are_made_up_by_one_more() -> None:
    of = problem(
        towns=(town(), town("T2")),
        needs=(
            need(half_days=8, onsite_pct=100, weekdays=1),
            need("N2", town="T2", half_days=8, onsite_pct=100, weekdays=1),
        ),
        specialists=(person(capacity=(40,) * 3, weekdays=0b11),),
    )
    plan = plan_of(of, ("N1", "S1", 8))
    (option,) = relaxations(of, plan, "N2")
    assert (option.rule, option.text) == ("R4", "訪問の曜日に火を加える")
    assert relaxation_fault(of, plan, option) is None


def test_fewer_half_days_make_room_beside_visits_to_another_town() -> None:
    of = problem(
        towns=(town(), town("T2")),
        needs=(
            need(half_days=5, onsite_pct=100, weekdays=1),
            need("N2", town="T2", half_days=5, onsite_pct=100, weekdays=1),
        ),
        specialists=(person(capacity=(40,) * 3, weekdays=1),),
    )
    plan = plan_of(of, ("N1", "S1", 5))
    options = relaxations(of, plan, "N2")
    assert [(o.rule, o.text) for o in options] == [
        ("R4", "最少の半日数を月5から3に下げる"), ("R4", "訪問の割合を100%から60%に下げる")
    ]  # fmt: skip
    assert {relaxation_fault(of, plan, option) for option in options} == {None}


def test_a_need_that_all_who_could_serve_it_do_serve_is_not_said_to_have_nobody() -> None:
    of = problem(needs=(need(count=2),))
    plan = solve(of, wall_s=10)
    (left,) = plan.unfilled
    serving = "すでにこの案件を担当する1人のほかにいません"
    assert left.reasons[0].text == f"条件に合う専門人材は、{serving}"
    found = conflict(of, plan, "N1")
    assert found is not None
    assert found.text == f"登録者は、{serving}"
    more = problem(needs=of.needs, specialists=(person(), person("S2", levels={"SEC": 1})))
    found = conflict(more, solve(more, wall_s=10), "N1")
    assert found is not None
    assert found.text == "「スキルとレベル」の条件だけで、ほかに受けられる人がいなくなります"
    nobody = problem(specialists=())
    found = conflict(nobody, greedy(nobody), "N1")
    assert found is not None
    assert found.text == "登録者がいません"


def test_somebody_forced_where_the_others_are_not_to_be_had_is_told() -> None:
    of = problem(needs=(need(count=2, all_or_nothing=True),))
    plan = solve(of, wall_s=10)
    assert forced(of, plan, "N1", "S1").in_part == ("N1",)
    two = problem(needs=of.needs, specialists=(person(), person("S2")))
    assert forced(two, solve(two, wall_s=10), "N1", "S2").in_part == ()
