"""Each rule of a pair, just kept and just broken, with its margin."""

from __future__ import annotations

from typing import Any

import pytest

from matching.engine import Accepted, Declined, greedy, why_not
from matching.engine.rules import RULES
from tests.matching.engine.building import need, person, problem, town


def failed(n: dict[str, Any], s: dict[str, Any], t: dict[str, Any]) -> list[tuple[str, int]]:
    made = problem(towns=(town(**t),), needs=(need(**n),), specialists=(person(**s),))
    return [(rule.code, rule.margin) for rule in why_not(made, "N1", "S1")]


@pytest.mark.parametrize(
    ("code", "margin", "kept", "broken"),
    [
        ("R1", 1, ({}, {"levels": {"SEC": 2}}, {}), ({}, {"levels": {"SEC": 1}}, {})),
        ("R2", 1, ({}, {}, {}), ({}, {"capacity": (8, 0, 8)}, {})),
        ("R3", 1, ({}, {"capacity": (8, 4, 8)}, {}), ({}, {"capacity": (8, 3, 8)}, {})),
        (
            "R4", 4,
            ({"half_days": 8, "onsite_pct": 100, "weekdays": 1}, {}, {}),
            ({"half_days": 12, "onsite_pct": 100, "weekdays": 1}, {"capacity": (12,) * 3}, {}),
        ),
        ("R4", 1, ({"weekdays": 1}, {"weekdays": 1}, {}), ({"weekdays": 1}, {"weekdays": 2}, {})),
        (
            "R5", 1,
            ({"onsite_pct": 1}, {"radius_m": 5000}, {"x": 3000, "y": 4000}),
            ({"onsite_pct": 1}, {"radius_m": 4999}, {"x": 3000, "y": 4000}),
        ),
        (
            "R6", 10,
            ({"onsite_pct": 50}, {"onsite_max_pct": 50}, {}),
            ({"onsite_pct": 60}, {"onsite_max_pct": 50}, {}),
        ),
        (
            "R7", 1,
            ({"forms": frozenset({"10", "20"})}, {"forms": frozenset({"20"})}, {}),
            ({"forms": frozenset({"10"})}, {"forms": frozenset({"20"})}, {}),
        ),
        (
            "R8", 1,
            ({"half_day_rate_cap_yen": 9}, {"half_day_rate_yen": 9}, {}),
            ({"half_day_rate_cap_yen": 8}, {"half_day_rate_yen": 9}, {}),
        ),
        (
            "R9", 1,
            ({}, {"half_day_rate_yen": 10}, {"budget_yen": 120}),
            ({}, {"half_day_rate_yen": 10}, {"budget_yen": 119}),
        ),
        (
            "R10", 1,
            ({"language": "en"}, {"languages": frozenset({"ja", "en"})}, {}),
            ({"language": "en"}, {}, {}),
        ),
        (
            "R11", 1,
            ({}, {"vendor": "F1", "interests": frozenset({"F2"})}, {"vendors": {"F3": "保守"}}),
            ({}, {"vendor": "F1"}, {"vendors": {"F1": "保守"}}),
        ),
        (
            "R11", 1,
            ({}, {}, {"vendors": {"F1": "保守"}}),
            ({}, {"interests": frozenset({"F1"})}, {"vendors": {"F1": "保守"}}),
        ),
        (
            "R8", 1,
            ({"budget_yen": 108}, {"half_day_rate_yen": 9}, {}),
            ({"budget_yen": 107}, {"half_day_rate_yen": 9}, {}),
        ),
        (  # of 16 a month each of the 8 free half-days bears 2, the 4 served 8
            "R8", 1,
            ({"budget_yen": 24}, {"monthly_fixed_yen": 16}, {}),
            ({"budget_yen": 23}, {"monthly_fixed_yen": 16}, {}),
        ),
        (
            "R8", 1,
            ({"least": 2, "budget_yen": 54}, {"half_day_rate_yen": 9}, {}),
            ({"least": 2, "budget_yen": 53}, {"half_day_rate_yen": 9}, {}),
        ),
        ("R13", 1, ({}, {"permission": (0, 3)}, {}), ({}, {"permission": (0, 2)}, {})),
        ("R14", 1, ({}, {"min_block": 4}, {}), ({}, {"min_block": 5}, {})),
        (
            "R15", 1,
            ({}, {"max_towns": 1, "serving": frozenset({"T1"})}, {}),
            ({}, {"max_towns": 1, "serving": frozenset({"T2"})}, {}),
        ),
    ],
)  # fmt: skip
def test_a_rule_holds_up_to_its_edge(
    code: str, margin: int, kept: tuple[Any, Any, Any], broken: tuple[Any, Any, Any]
) -> None:
    assert failed(*kept) == []
    assert failed(*broken) == [(code, margin)]


def test_declined_pairs_come_with_their_reason() -> None:
    made = problem(declined=(Declined("N1", "S1", "本人の都合"),))
    (rule,) = why_not(made, "N1", "S1")
    assert (rule.code, rule.text) == ("R12", "辞退または除外された組合せです(本人の都合)")


def test_every_failed_rule_is_told_not_only_the_first() -> None:
    codes = failed(
        {"onsite_pct": 50, "language": "en"},
        {"levels": {}, "radius_m": 0, "min_block": 5},
        {"x": 10_000},
    )
    assert [code for code, _ in codes] == ["R1", "R5", "R10", "R14"]


def test_texts_speak_of_the_months_and_skills_by_name() -> None:
    made = problem(
        specialists=(person(levels={"SEC": 1}, capacity=(8, 0, 3)),),
        first_month="2027-12",
        labels={"SEC": "セキュリティ"},
    )
    assert [rule.text for rule in why_not(made, "N1", "S1")] == [
        "「セキュリティ」はレベル2以上が必要ですが、レベル1です",
        "期間のうち1か月に空きがありません(2028年1月)",
        "2028年2月の空きは3半日で、必要な4半日に足りません",
    ]


def test_an_accepted_pair_is_held_although_a_rule_forbids_it() -> None:
    made = problem(
        specialists=(person(levels={}), person("S2")), accepted=(Accepted("N1", "S1", 3),)
    )
    plan = greedy(made)
    assert [(a.need, a.specialist, a.half_days) for a in plan.assignments] == [("N1", "S1", 3)]


def test_the_rules_are_numbered_without_gaps() -> None:
    assert [code for code, _, _ in RULES] == [f"R{i}" for i in range(1, 16)]
