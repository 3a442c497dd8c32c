"""Why not this person, in full; the newer commands; changes at the size of many needs."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from matching.engine import (
    Accepted,
    Problem,
    ProblemError,
    greedy,
    plan_to_json,
    problem_to_json,
    solve,
    verify,
)
from matching.engine.changes import Desk
from matching.engine.cli import main
from matching.engine.gap import gap_text, generate_gap, read_gap
from matching.engine.generate import generate
from matching.engine.holding import Held, held
from matching.engine.lookup import Lookup
from matching.engine.pairs import eligible_pairs
from matching.engine.planning import build_plan, ledger_of, taken_of
from matching.engine.stages import stage_values
from matching.engine.standing import standing
from matching.engine.whatif import forced, solver_within
from tests.matching.engine.building import need, person, plan_of, problem, small_problems, town

SOLVER = solver_within(10)


def test_a_standing_tells_rules_or_who_holds_the_time_and_the_cost_of_forcing() -> None:
    of = problem(
        towns=(town(), town("T2")),
        needs=(need(half_days=8), need("N2", town="T2", half_days=8)),
        specialists=(person(), person("S2", levels={"SEC": 1})),
    )
    plan = plan_of(of, ("N1", "S1", 8))
    chosen = standing(of, plan, "N1", "S1", solver=SOLVER)
    assert (chosen.chosen, chosen.rules, chosen.held_by, chosen.cost) == (True, (), (), None)
    held = standing(of, plan, "N2", "S1", solver=SOLVER)
    assert (held.chosen, held.rules, held.half_days, held.held_by) == (False, (), 0, ("N1",))
    assert held.cost is not None
    assert [(c.need, c.before, c.after) for c in held.cost.diff.pairs] == [
        ("N1", 8, 0), ("N2", 0, 8)
    ]  # fmt: skip
    forbidden = standing(of, plan, "N2", "S2", solver=SOLVER)
    assert [rule.code for rule in forbidden.rules] == ["R1"]
    assert forbidden.cost is not None
    assert (forbidden.cost.before.places, forbidden.cost.after.places) == (1, 2)
    with pytest.raises(ProblemError, match="N9"):
        standing(of, plan, "N9", "S1")


TWO_TOWNS = {"towns": (town(), town("T2"))}
HELD: list[tuple[dict[str, Any], tuple[tuple[str, str, int], ...], tuple[Held, ...]]] = [
    (
        {**TWO_TOWNS, "needs": (need(), need("N2", town="T2", half_days=5), need("N3", start=2))},
        (("N2", "S1", 5), ("N3", "S1", 1)), (Held("time", ("N2", "N3")),),
    ),
    (
        {**TWO_TOWNS, "needs": (need(end=1), need("N2", town="T2", start=1)),
         "specialists": (person(max_towns=1),)},
        (("N2", "S1", 4),), (Held("towns", ("N2",)),),
    ),
    (
        {
            **TWO_TOWNS,
            "needs": (
                need(onsite_pct=100, weekdays=1),
                need("N2", town="T2", half_days=8, onsite_pct=100, weekdays=1),
                need("N3", town="T2", onsite_pct=100, weekdays=2),
            ),
            "specialists": (person(capacity=(40,) * 3),),
        },
        (("N2", "S1", 8), ("N3", "S1", 4)), (Held("weekdays", ("N2",)),),
    ),
    (
        {
            "towns": (town(budget_yen=23), town("T2")),
            "needs": (need(), need("N2"), need("N3", town="T2")),
            "specialists": (
                person(half_day_rate_yen=1), person("S2", half_day_rate_yen=1), person("S3"),
            ),
        },
        (("N2", "S2", 4), ("N3", "S1", 4)), (Held("budget", ("N2",)),),
    ),
    (
        {"specialists": (person(), person("S2"))},
        (("N1", "S2", 4),), (Held("place", ()),),
    ),
    (
        {**TWO_TOWNS, "needs": (need(), need("N2", town="T2", half_days=8)),
         "specialists": (person(max_towns=1), person("S2"))},
        (("N1", "S2", 4), ("N2", "S1", 8)),
        (Held("place", ()), Held("time", ("N2",)), Held("towns", ("N2",))),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "chosen", "limits"), HELD)
def test_the_limit_that_binds_is_told_with_whom_it_is_used_by(
    fields: dict[str, Any], chosen: tuple[tuple[str, str, int], ...], limits: tuple[Held, ...]
) -> None:
    of = problem(**fields)
    found = standing(of, plan_of(of, *chosen), "N1", "S1")
    assert (found.rules, found.half_days, found.limits) == ((), 0, limits)
    assert set(found.held_by) == {need_id for one in limits for need_id in one.needs}


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(small_problems(needs=6, people=4))
def test_a_limit_binds_exactly_where_there_is_no_room(of: Problem) -> None:
    lookup = Lookup(of)
    ledger = ledger_of(lookup, taken_of(lookup, greedy(of)))
    for pair in eligible_pairs(lookup):
        if (pair.need, pair.person) not in ledger.taken:
            assert bool(held(ledger, pair)) == (ledger.room(pair) == 0)


def test_a_pair_is_forced_with_the_time_the_person_has_or_its_cost_is_not_told() -> None:
    of = problem(
        towns=(town(), town("T2")),
        needs=(need(half_days=8, least=4), need("N2", town="T2", half_days=6)),
        specialists=(person(capacity=(6, 6, 6)),),
    )
    asked = standing(of, plan_of(of, ("N2", "S1", 6)), "N1", "S1", solver=SOLVER)
    assert (asked.rules, asked.held_by) == ((), ("N2",))
    assert asked.cost is not None
    assert [(c.need, c.after) for c in asked.cost.diff.pairs] == [("N1", 6), ("N2", 0)]
    agreed = dataclasses.replace(of, accepted=(Accepted("N2", "S1", 6),))
    asked = standing(agreed, plan_of(agreed, ("N2", "S1", 6)), "N1", "S1", solver=SOLVER)
    assert (asked.rules, asked.held_by, asked.cost) == ((), ("N2",), None)
    with pytest.raises(ProblemError, match="specialist: has no half-day free for N1"):
        forced(agreed, plan_of(agreed, ("N2", "S1", 6)), "N1", "S1", solver=SOLVER)


def test_a_pair_is_forced_within_the_budget_that_makes_it_eligible() -> None:
    of = problem(
        towns=(town(budget_yen=15),),
        needs=(need(half_days=8, least=4),),
        specialists=(person(half_day_rate_yen=1), person("S2")),
    )
    told = forced(of, plan_of(of, ("N1", "S2", 8)), "N1", "S1", solver=SOLVER)
    assert (told.after.half_days, told.after.yen) == (5, 15)


def test_why_not_with_a_plan_and_policies_print_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    of = problem(needs=(need(), need("N2", half_days=8)))
    (tmp_path / "problem").write_text(json.dumps(problem_to_json(of)))
    (tmp_path / "plan").write_text(json.dumps(plan_to_json(plan_of(of, ("N1", "S1", 4)))))
    asked = ["why-not", str(tmp_path / "problem"), "N2", "S1", "--plan", str(tmp_path / "plan")]
    assert main(asked) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["eligible"], answer["chosen"], answer["held_by"]) == (True, False, ["N1"])
    assert main(["policies", str(tmp_path / "problem")]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["policy"] for row in rows] == ["towns_first", "leximin", "total"]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["policies", "-", "--wall", "0"], "argument --wall: invalid seconds value: '0'"),
        (["solve"], "the following arguments are required: problem"),
        (["generate-gap", "F", "--agents", "2", "--jobs", "3"], "argument family: invalid choice"),
        (
            ["generate-gap", "A", "--agents", "0", "--jobs", "3"],
            "agents: must be an integer",
        ),
    ],
)
def test_bad_arguments_are_refused_in_one_line(
    arguments: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert line in said
    assert said.count("\n") == 1


def test_a_generated_assignment_is_read_back_equal(tmp_path: Path) -> None:
    for family in "ABCDE":
        made = generate_gap(family, 3, 12, 7)
        file = tmp_path / made.name
        file.write_text(gap_text(made))
        assert read_gap(file) == made


def test_many_changes_one_after_the_other_leave_a_sound_plan_with_true_figures() -> None:
    """What the desk counts on while it mends equals what is counted anew."""
    of = generate(towns=12, needs=40, specialists=40, seed=3, scarce=True)
    plan = solve(of, wall_s=30)
    desk = Desk(of, plan)
    for turn, assignment in enumerate(plan.assignments[:9]):
        if turn % 3 == 0:
            desk.decline(assignment.need, assignment.specialist)
        elif turn % 3 == 1:
            who = next(s for s in of.specialists if s.id == assignment.specialist)
            desk.change_capacity(who.id, tuple(c // 2 for c in who.capacity))
        else:
            desk.add_need(need(f"X{turn}", town=of.towns[turn].id, skills=of.needs[turn].skills))
        lookup = Lookup(desk.problem)
        values = stage_values(lookup, desk.taken)
        assert desk.values == values
        mended = build_plan(
            lookup,
            eligible_pairs(lookup),
            desk.taken,
            bounds=values,
            backend="desk",
            stopped="optimal",
        )
        assert verify(desk.problem, mended) == ()
