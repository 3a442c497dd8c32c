"""Parts solved anywhere and put together are the plan of one machine."""

from __future__ import annotations

import dataclasses

import pytest

from matching.engine import (
    Accepted,
    Problem,
    ProblemError,
    greedy,
    plan_to_json,
    problem_from_json,
    problem_to_json,
    solve,
    verify,
)
from matching.engine import parts as engine_parts
from matching.engine.pack import make_pack, replay
from matching.engine.parts import join, solve_in_parts, split
from tests.matching.engine.building import islands


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_parts, "PART_NEEDS", 15)


def test_towns_that_nobody_links_are_parts_and_nothing_is_lost() -> None:
    of = islands(3, needs=25)
    parts = split(of)
    assert len(parts) >= 3
    assert sorted(n.id for part in parts for n in part.needs) == [n.id for n in of.needs]
    people = [p.id for part in parts for p in part.specialists]
    assert len(people) == len(set(people))
    plan = solve_in_parts(of)
    assert verify(of, plan) == ()
    assert plan.stopped == "optimal"
    whole = solve(of, wall_s=600)
    assert [s.value for s in plan.stages] == [s.value for s in whole.stages]
    assert plan_to_json(solve_in_parts(of)) | {"seconds": 0} == plan_to_json(plan) | {"seconds": 0}
    assert replay(make_pack(of, plan)).same


def test_a_part_cut_by_place_is_mended_across_the_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    of = islands(1, needs=50)
    assert len(split(of)) == 1
    monkeypatch.setattr(engine_parts, "MOST_NEEDS", 25)
    of = dataclasses.replace(of, policy=dataclasses.replace(of.policy, stages=("weighted",)))
    assert len(split(of)) == 2
    plan = solve_in_parts(of)
    assert verify(of, plan) == ()
    best = solve(of, wall_s=600).stages[0].value
    assert plan.stages[0].value <= best <= plan.stages[0].bound
    assert plan.stages[0].value >= 0.98 * best
    assert plan.work["parts"] == 2
    again = solve_in_parts(of, work=plan.work)
    assert plan_to_json(again) | {"seconds": 0} == plan_to_json(plan) | {"seconds": 0}


def test_what_is_agreed_on_both_sides_of_a_cut_is_held_in_both(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The time of one person is given out once, and no agreed place is open in any part."""
    monkeypatch.setattr(engine_parts, "MOST_NEEDS", 25)
    of = islands(1, needs=50)
    cut = split(of)
    west, east = ([n for n in part.needs if n.count == 1] for part in cut)
    one, other = next(
        (a, b) for a in west for b in east if max(a.start, b.start) < min(a.end, b.end)
    )
    both = max(one.start, other.start)
    busy = dataclasses.replace(
        of.specialists[0],
        levels={code: 9 for need in of.needs for code, _ in need.skills},
        capacity=(one.half_days + other.half_days,) * of.horizon,
        max_towns=9,
    )
    of = dataclasses.replace(
        of,
        specialists=(busy, *of.specialists[1:]),
        accepted=tuple(
            Accepted(need.id, busy.id, need.half_days)
            for need in sorted((one, other), key=lambda n: n.id)
        ),
        policy=dataclasses.replace(of.policy, stages=("weighted",)),
    )
    parts = split(of)
    assert len(parts) == 2
    for part in parts:
        assert problem_from_json(problem_to_json(part)) == part
        assert len(part.accepted) == 1
        plan = solve(part, wall_s=600)
        assert verify(part, plan) == ()
        (person,) = (p for p in part.specialists if p.id == busy.id)
        (agreed,) = (need for need in (one, other) if need.id == part.accepted[0].need)
        assert person.capacity[both] == agreed.half_days
    plan = solve_in_parts(of)
    assert verify(of, plan) == ()
    assert {one.id, other.id} <= {a.need for a in plan.assignments if a.specialist == busy.id}
    whole = solve(of, wall_s=600)
    assert plan.stages[0].value <= whole.stages[0].value <= plan.stages[0].bound


def test_plans_of_other_parts_are_refused() -> None:
    of = islands(2, needs=25)
    parts = split(of)
    plans = [solve(part, wall_s=60) for part in parts]
    with pytest.raises(ProblemError, match="plans"):
        join(of, parts, plans[::-1])
    with pytest.raises(ProblemError, match="parts"):
        join(of, parts[:-1], plans[:-1])
    first = plans[0].assignments[0]
    strange = dataclasses.replace(plans[0], assignments=(dataclasses.replace(first, need="N9"),))
    with pytest.raises(ProblemError, match=r"plans\[0\]: unknown"):
        join(of, parts, [strange, *plans[1:]])
    poorer = dataclasses.replace(parts[0], specialists=parts[0].specialists[1:])
    told = solve(poorer, wall_s=60)  # proven, but for fewer people than there are
    with pytest.raises(ProblemError, match=r"parts\[0\]: is not the part of the problem"):
        join(of, [poorer, *parts[1:]], [told, *plans[1:]])


def test_a_part_whose_solver_gave_up_is_quick_again_when_replayed() -> None:
    of = islands(2, needs=25)
    of = dataclasses.replace(of, policy=dataclasses.replace(of.policy, stages=("weighted",)))
    parts = split(of)
    plans = [greedy(parts[0]), *(solve(part, wall_s=60) for part in parts[1:])]
    plan = join(of, parts, plans, work={"search": 0, "bounds": 0})
    assert plan.work["quick_0"] == 1
    assert plan.stages[0].value < solve_in_parts(of).stages[0].value
    again = replay(make_pack(of, plan))
    assert (again.same, again.differences) == (True, ())


def test_a_small_problem_stays_whole() -> None:
    of: Problem = islands(1, needs=25)
    assert split(of) == (of,)
