"""Whom the pool lacks, by solving again with one more person."""

from __future__ import annotations

import dataclasses

import pytest

from matching.engine import SolverFailed, greedy, solve
from matching.engine.lacking import shortages
from matching.engine.whatif import solver_within
from tests.matching.engine.building import need, person, problem, town


def test_what_the_pool_lacks_is_told_by_solving_again() -> None:
    of = problem(
        towns=(town(), town("T2")),
        needs=(need(skills=(("SEC", 4),)), need("N2", town="T2", skills=(("NW", 1),), half_days=9)),
        labels={"SEC": "セキュリティ"},
    )
    plan = solve(of, wall_s=10)
    told = shortages(of, plan)
    other, lack = told.found
    assert told.proven
    assert (other.skills, other.half_days, other.places) == ((("NW", 1),), 9, 1)
    assert other.text.startswith("月9半日の「NW」レベル1がもう1人いれば、")
    assert lack.proven
    cut = dataclasses.replace(plan, stopped="limit")
    assert not shortages(of, cut).proven
    assert not shortages(of, plan, solver=lambda p: dataclasses.replace(greedy(p))).proven
    assert (lack.skills, lack.towns, lack.places) == ((("SEC", 4),), 1, 1)
    assert lack.text == (
        "月3日の「セキュリティ」レベル4がもう1人いれば、支援の届く市町が1、決まる人数が1増えます"
    )


def test_a_need_of_two_skills_lacks_one_person_who_has_both() -> None:
    of = problem(
        needs=(need(skills=(("NW", 2), ("SEC", 4))), need("N2", skills=(("SEC", 1),), half_days=9)),
        specialists=(),
        labels={"SEC": "セキュリティ", "NW": "ネットワーク"},
    )
    lack, one = shortages(of, solve(of, wall_s=10)).found
    assert (one.skills, one.half_days) == ((("SEC", 1),), 9)
    assert lack.skills == (("NW", 2), ("SEC", 4))
    assert lack.text == (
        "月3日の「ネットワーク」レベル2と「セキュリティ」レベル4の両方ができる人がもう1人いれば、"
        "支援の届く市町が1、決まる人数が1増えます"
    )


def test_who_is_added_has_the_days_that_the_smallest_open_need_takes() -> None:
    """With less no need of more than three days a month would ever lack anybody."""
    of = problem(needs=(need(half_days=12, least=8), need("N2", half_days=30)), specialists=())
    (lack,) = shortages(of, solve(of, wall_s=10)).found
    assert (lack.half_days, lack.places) == (8, 1)
    assert lack.text.startswith("月4日の")


def test_a_need_that_nobody_could_serve_does_not_hide_a_larger_one() -> None:
    """Of visits on one weekday only 8 half-days fit into a month."""
    closed = need(half_days=10, onsite_pct=100, weekdays=1)
    of = problem(needs=(closed, need("N2", half_days=14)), specialists=())
    (lack,) = shortages(of, solve(of, wall_s=10)).found
    assert lack.half_days == 14


def test_needs_beyond_a_person_year_are_told_as_not_tried() -> None:
    of = problem(needs=(need(half_days=41), need("N2", skills=(("NW", 1),))), specialists=())
    told = shortages(of, solve(of, wall_s=10))
    assert [lack.skills for lack in told.found] == [(("NW", 1),)]
    assert (told.too_large, told.untried) == (((("SEC", 2),),), ())


def test_who_is_added_has_an_id_and_a_number_of_towns_that_may_be() -> None:
    of = problem(
        towns=tuple(town(f"T{k}") for k in range(1, 1_002)),
        needs=(need(skills=(("NW", 1),)),),
        specialists=(person("+1"), person("+2")),
    )
    (lack,) = shortages(of, greedy(of), solver=greedy).found
    assert lack.towns == 1


def test_a_plan_solved_for_a_question_is_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    of = problem()
    wrong = dataclasses.replace(solve(of, wall_s=10), assignments=())
    monkeypatch.setattr("matching.engine.solving.solve", lambda *_, **__: wrong)
    with pytest.raises(SolverFailed, match="the plan broke a rule"):
        solver_within(10)(of)
