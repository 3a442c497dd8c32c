"""Why this one, who else, and why nobody."""

from __future__ import annotations

import pytest

from matching.engine import (
    Declined,
    Problem,
    ProblemError,
    alternatives,
    explain,
    greedy,
    solve,
    why_not,
)
from matching.engine.conflicts import conflict
from matching.engine.rules import KEPT_OUT, RULES
from tests.matching.engine.building import need, person, plan_of, problem, town

THREE = problem(
    towns=(town(), town("T2")),
    needs=(need(), need("N2", town="T2", half_days=6)),
    specialists=(
        person(levels={"SEC": 2}),
        person("S2", levels={"SEC": 3}),
        person("S3", levels={"SEC": 4}, capacity=(7, 7, 7)),
        person("S4", levels={}),
    ),
)


def test_the_score_is_told_term_by_term_in_japanese() -> None:
    told = explain(THREE, plan_of(THREE, ("N1", "S1", 4)), "N1")
    (chosen,) = told.chosen
    assert [(t.label, t.points) for t in chosen.terms] == [
        ("習熟度の適合", 300),
        ("移動のしやすさ", 200),
        ("報酬の余裕", 75),
        ("曜日の重なり", 100),
        ("稼働情報の確かさ", 150),
        ("充足する半日数", 40),
    ]
    assert chosen.score == sum(t.points for t in chosen.terms)


def test_the_next_best_come_in_order_with_difference_and_room() -> None:
    plan = plan_of(THREE, ("N1", "S1", 4), ("N2", "S3", 6))
    second, third = alternatives(THREE, plan, "N1")
    assert (second.specialist, second.difference, second.half_days) == ("S2", -75, 4)
    assert (second.free, second.held_by) == (True, ())
    assert (third.specialist, third.difference, third.half_days) == ("S3", -150, 0)
    assert (third.free, third.held_by) == (False, ("N2",))
    assert [a.specialist for a in alternatives(THREE, plan, "N1", 1)] == ["S2"]


def test_an_open_need_says_how_many_each_rule_keeps_away() -> None:
    of = problem(
        needs=(need(skills=(("SEC", 4),)),),
        specialists=(person(), person("S2"), person("S3", levels={"SEC": 4}, capacity=(0, 0, 0))),
    )
    told = explain(of, greedy(of), "N1")
    assert (told.chosen, told.alternatives, told.missing) == ((), (), 1)
    assert [(r.code, r.count) for r in told.reasons] == [
        ("nobody", 0),
        ("R1", 2),
        ("R2", 1),
    ]
    assert [u.town for u in greedy(of).uncoverable] == ["T1"]


def test_an_open_need_says_when_others_hold_the_people() -> None:
    of = problem(
        towns=(town(), town("T2")),
        needs=(need(half_days=8), need("N2", town="T2", half_days=8, priority=2)),
    )
    plan = solve(of, wall_s=10)
    assert [a.need for a in plan.assignments] == ["N2"]
    told = explain(of, plan, "N1")
    assert [(r.code, r.count) for r in told.reasons] == [("held", 1)]
    (other,) = told.alternatives
    assert (other.specialist, other.difference, other.held_by) == ("S1", None, ("N2",))


def test_the_present_person_stays_unless_another_is_better_by_the_threshold() -> None:
    def chosen(present: str) -> tuple[str, tuple[str, ...]]:
        of = problem(
            needs=(need(present=present),),
            specialists=(person(levels={"SEC": 4}, confidence=0), person("S2")),
        )
        plan = solve(of, wall_s=10)
        return plan.assignments[0].specialist, plan.handovers

    assert chosen("S1") == ("S1", ())
    assert chosen("S2") == ("S2", ())
    assert chosen("gone") == ("S2", ("N1",))


def test_unknown_ids_are_named() -> None:
    plan = greedy(THREE)
    with pytest.raises(ProblemError, match="need: is not known: N9"):
        explain(THREE, plan, "N9")
    with pytest.raises(ProblemError, match="specialist: is not known: S9"):
        why_not(THREE, "N1", "S9")


@pytest.mark.parametrize(
    ("of", "text"),
    [
        (problem(towns=(town(vendors={"F": ""}),), specialists=(person(vendor="F"),)),
         "利害関係のある人が1人います"),
        (problem(declined=(Declined("N1", "S1", ""),)), "辞退したか、除外された人が1人います"),
        (problem(specialists=(person(capacity=(8, 0, 8)),)),
         "期間のうちに空きのない月がある人が1人います"),
    ],
)  # fmt: skip
def test_each_rule_has_words_of_its_own_for_whom_it_keeps_out(of: Problem, text: str) -> None:
    (unfilled,) = greedy(of).unfilled
    assert unfilled.reasons[1].text == text
    assert KEPT_OUT.keys() == {code for code, _, _ in RULES}


@pytest.mark.parametrize(
    ("metres", "radius", "text"),
    [
        (20_400, 20_000, "訪問できる範囲20kmを0.4kmこえます(距離20.4km)"),
        (20_001, 20_000, "訪問できる範囲20kmを0.1kmこえます(距離20.1km)"),
        (20_150, 20_050, "訪問できる範囲20kmを0.2kmこえます(距離20.2km)"),
    ],
)
def test_a_distance_beyond_the_reach_adds_up(metres: int, radius: int, text: str) -> None:
    of = problem(needs=(need(onsite_pct=50),), specialists=(person(x=metres, radius_m=radius),))
    (rule,) = why_not(of, "N1", "S1")
    assert (rule.text, rule.margin) == (text, metres - radius)


def test_one_rule_that_forbids_alone_is_not_told_as_several() -> None:
    far = problem(needs=(need(onsite_pct=50),), specialists=(person(x=9, radius_m=1),))
    found = conflict(far, greedy(far), "N1")
    assert found is not None
    assert found.text == "「距離」の条件だけで、受けられる人がいなくなります"
    full = problem(needs=(need(half_days=8), need("N2", half_days=8)))
    found = conflict(full, plan_of(full, ("N1", "S1", 8)), "N2")
    assert found is not None
    assert found.text == "時間・市町の数・予算がほかの案件に使われていて、受けられる人がいません"
