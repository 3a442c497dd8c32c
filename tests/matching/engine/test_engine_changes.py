"""One thing changes: everything else stays, and the rest is the best that is left."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.engine import (
    Accepted,
    Need,
    Problem,
    ProblemError,
    greedy,
    problem_from_json,
    problem_to_json,
    solve,
    verify,
)
from matching.engine.changes import Desk, difference
from tests.matching.engine.building import need, person, plan_of, problem, small_problems, town

FREE = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def sound(desk: Desk) -> bool:
    return verify(desk.problem, desk.plan()) == ()


@FREE
@given(small_problems(needs=6, people=5), st.data())
def test_after_a_decline_the_rest_stays_and_the_best_of_what_is_free_is_taken(
    of: Problem, data: st.DataObject
) -> None:
    plan = solve(of, wall_s=30)
    held = {(a.need, a.specialist) for a in of.accepted}
    open_pairs = [a for a in plan.assignments if (a.need, a.specialist) not in held]
    if not open_pairs:
        return
    gone = data.draw(st.sampled_from(open_pairs))
    desk = Desk(of, plan)
    diff = desk.decline(gone.need, gone.specialist, "都合")
    assert sound(desk)
    whole = {n.id for n in of.needs if n.all_or_nothing}
    rest = tuple(
        Accepted(a.need, a.specialist, a.half_days)
        for a in plan.assignments
        if (a.need, a.specialist) != (gone.need, gone.specialist)
        and (a.need != gone.need or gone.need not in whole or (a.need, a.specialist) in held)
    )
    exact = solve(dataclasses.replace(desk.problem, accepted=rest), wall_s=30)
    assert tuple(s.value for s in exact.stages) == tuple(after for _, _, after in diff.stages)
    assert (gone.need, gone.specialist) not in {
        (c.need, c.specialist) for c in diff.pairs if c.after
    }


@FREE
@given(small_problems(needs=6, people=5), st.data())
def test_after_less_capacity_the_plan_is_sound_and_others_keep_theirs(
    of: Problem, data: st.DataObject
) -> None:
    plan = solve(of, wall_s=30)
    who = data.draw(st.sampled_from(of.specialists))
    agreed = any(a.specialist == who.id for a in of.accepted)
    desk = Desk(of, plan)
    capacity = tuple(data.draw(st.integers(0, c)) for c in who.capacity)
    try:
        diff = desk.change_capacity(who.id, capacity)
    except ProblemError:
        assert agreed
        return
    assert sound(desk)
    assert tuple(after for _, _, after in diff.stages) == desk.values == desk.tally.values()
    whole = {n.id for n in of.needs if n.all_or_nothing}
    lost = {(c.need, c.specialist) for c in diff.pairs if c.before and not c.after}
    assert {s for n, s in lost if n not in whole} <= {who.id}


@st.composite
def open_needs(draw: st.DrawFn) -> Problem:
    """Open needs of three towns that one person could share."""
    needs = []
    for k in range(draw(st.integers(2, 5))):
        half_days, start = draw(st.integers(2, 6)), draw(st.integers(0, 2))
        needs.append(
            need(
                f"N{k}", town=f"T{draw(st.integers(1, 3))}", half_days=half_days, start=start,
                least=draw(st.integers(1, half_days)), end=draw(st.integers(start + 1, 3)),
                priority=draw(st.integers(1, 3)), onsite_pct=draw(st.sampled_from((0, 0, 100))),
                weekdays=draw(st.sampled_from((1, 31))),
            )
        )  # fmt: skip
    towns = tuple(town(f"T{k}", budget_yen=draw(st.sampled_from((None, 15)))) for k in (1, 2, 3))
    only = person(half_day_rate_yen=draw(st.integers(0, 1)))
    return problem(towns=towns, needs=tuple(needs), specialists=(only,))


@FREE
@given(open_needs(), st.tuples(*[st.sampled_from((0, 4))] * 3))
def test_more_time_is_given_out_in_the_best_way(of: Problem, less: tuple[int, ...]) -> None:
    """Somebody who had less time has eight half-days a month; what is served is held."""
    (first,) = of.specialists
    before = dataclasses.replace(of, specialists=(dataclasses.replace(first, capacity=less),))
    plan = solve(before, wall_s=30)
    desk = Desk(before, plan)
    diff = desk.change_capacity(first.id, first.capacity)
    assert sound(desk)
    rest = tuple(Accepted(a.need, a.specialist, a.half_days) for a in plan.assignments)
    exact = solve(dataclasses.replace(desk.problem, accepted=rest), wall_s=30)
    assert tuple(s.value for s in exact.stages) == tuple(after for _, _, after in diff.stages)


def test_time_that_comes_serves_two_towns_in_part_rather_than_one_in_full() -> None:
    of = problem(
        towns=(town(), town("T2")),
        needs=(need(half_days=6, least=3), need("N2", town="T2", half_days=3)),
        specialists=(person(capacity=(0, 0, 0)),),
    )
    desk = Desk(of, plan_of(of))
    diff = desk.change_capacity("S1", (6, 6, 6))
    assert diff.stages[0] == ("services_1", 0, 2)
    assert [(c.need, c.after) for c in diff.pairs] == [("N1", 3), ("N2", 3)]
    assert sound(desk)


def test_a_new_need_is_served_by_whoever_has_room() -> None:
    of = problem(specialists=(person(capacity=(4, 4, 4)), person("S2", levels={"SEC": 2})))
    desk = Desk(of, plan_of(of, ("N1", "S1", 4)))
    diff = desk.add_need(need("N0", half_days=6))
    assert [(c.need, c.specialist, c.before, c.after) for c in diff.pairs] == [("N0", "S2", 0, 6)]
    assert sound(desk)
    with pytest.raises(ProblemError, match="is used twice"):
        desk.add_need(need("N0"))
    with pytest.raises(ProblemError, match="is not a known town"):
        desk.add_need(need("N9", town="T9"))


def test_a_declined_place_goes_to_the_next_and_the_time_to_an_open_need() -> None:
    of = problem(
        towns=(town(), town("T2")),
        needs=(need(half_days=8), need("N2", town="T2", half_days=8, skills=(("NW", 1),))),
        specialists=(person(levels={"SEC": 2, "NW": 1}), person("S2")),
    )
    desk = Desk(of, plan_of(of, ("N1", "S1", 8)))
    diff = desk.decline("N1", "S1")
    changes = [(c.need, c.specialist, c.before, c.after) for c in diff.pairs]
    assert changes == [("N1", "S1", 8, 0), ("N1", "S2", 0, 8), ("N2", "S1", 0, 8)]
    assert diff.stages[0] == ("services_1", 1, 2)


def test_less_time_that_makes_a_fixed_cost_too_dear_gives_the_need_back() -> None:
    """The fixed cost of a month falls to 4 half-days instead of 8: 12 to 25 yen each."""
    of = problem(
        needs=(need(budget_yen=150),),
        specialists=(person(monthly_fixed_yen=100), person("S2", confidence=0)),
    )
    desk = Desk(of, plan_of(of, ("N1", "S1", 4)))
    diff = desk.change_capacity("S1", (4, 4, 4))
    assert [(c.specialist, c.before, c.after) for c in diff.pairs] == [("S1", 4, 0), ("S2", 0, 4)]
    assert sound(desk)
    agreed = dataclasses.replace(of, accepted=(Accepted("N1", "S1", 4),))
    desk = Desk(agreed, plan_of(agreed, ("N1", "S1", 4)))
    assert desk.change_capacity("S1", (4, 4, 4)).pairs == ()
    assert sound(desk)


@pytest.mark.parametrize("with_time", [False, True])
def test_who_steps_back_with_a_colleague_is_offered_what_is_open(with_time: bool) -> None:
    of = problem(
        towns=(town(), town("T2")),
        needs=(
            need(count=2, all_or_nothing=True),
            need("N2", town="T2", half_days=8, skills=(("NW", 1),)),
        ),
        specialists=(person(), person("S2", levels={"SEC": 2, "NW": 1})),
    )
    desk = Desk(of, plan_of(of, ("N1", "S1", 4), ("N1", "S2", 4)))
    diff = desk.change_capacity("S1", (0, 0, 0)) if with_time else desk.decline("N1", "S1")
    assert [(c.need, c.specialist, c.after) for c in diff.pairs] == [
        ("N1", "S1", 0), ("N1", "S2", 0), ("N2", "S2", 8)
    ]  # fmt: skip
    assert sound(desk)


def test_a_pair_declined_twice_is_kept_once_with_the_newer_reason() -> None:
    of = problem()
    desk = Desk(of, plan_of(of))
    desk.decline("N1", "S1", "日程")
    desk.decline("N1", "S1", "本人の希望")
    assert [d.reason for d in desk.problem.declined] == ["本人の希望"]
    assert problem_from_json(problem_to_json(desk.problem)) == desk.problem


def test_agreed_pairs_are_not_declined_and_stay_within_capacity() -> None:
    of = problem(accepted=(Accepted("N1", "S1", 4),))
    desk = Desk(of, greedy(of))
    with pytest.raises(ProblemError, match="is agreed for this need"):
        desk.decline("N1", "S1")
    with pytest.raises(ProblemError, match="is below what is agreed for N1"):
        desk.change_capacity("S1", (4, 3, 4))


def test_the_difference_of_two_plans_names_pairs_and_stages() -> None:
    of = problem(specialists=(person(), person("S2")))
    diff = difference(plan_of(of), plan_of(of, ("N1", "S2", 4)))
    assert [dataclasses.astuple(c) for c in diff.pairs] == [("N1", "S2", 0, 4)]
    assert diff.stages[0] == ("services_1", 0, 1)
    assert isinstance(of.needs[0], Need)
